"use strict";
// Attention of a model: a layer over the video, rows under the timeline, and a map between seconds.

(() => {
  const MODALITIES = ["audio", "visual"];

  /** Unpack weights of the payload: at(i, j, ...) in their own unit, level(i, j, ...) from 0 to 1. */
  function unpack({ shape, most, levels }) {
    const bytes = Uint8Array.from(atob(levels), (letter) => letter.charCodeAt(0));
    const level = (...place) => bytes[place.reduce((sum, i, axis) => sum * shape[axis] + i, 0)] / 255;
    return { shape, most, level, at: (...place) => most * level(...place) };
  }

  class Attention {
    /**
     * @param screen the element around the video and the layer, or null.
     * @param figure the element of the map between seconds.
     */
    constructor(screen, figure) {
      Object.assign(this, { screen, figure, on: true, second: 0, weights: {} });
      this.layer = screen?.querySelector("canvas");
      this.map = figure.querySelector("canvas");
      if (screen) {
        new ResizeObserver(() => this.place()).observe(screen);
        screen.querySelector("video").addEventListener("loadedmetadata", () => this.redraw());
      }
    }

    /** Show the attention of an experiment. */
    set(experiment) {
      const payload = experiment.attention;
      this.covered = new Set(experiment.clips.flatMap((clip) => clip.seen.map((t) => clip.start + t)));
      this.weights = {};
      for (const name of ["where", "when", "levels"]) if (payload[name]) this.weights[name] = unpack(payload[name]);
      this.relations = (payload.relations ?? []).map((relation) => ({ start: relation.start, ...unpack(relation) }));
      this.crop = payload.crop;
      this.redraw();
    }

    /** Whether the experiment has any attention. */
    get available() {
      return Object.keys(this.weights).length > 0 || this.relations.length > 0;
    }

    toggle(on) {
      this.on = on;
      this.redraw();
    }

    /** Show the second that contains a time. */
    show(time) {
      if (Math.floor(time) === this.second) return;
      this.second = Math.floor(time);
      this.redraw();
    }

    redraw() {
      const { second, weights } = this;
      const shown = this.on && this.covered?.has(second);
      if (this.layer) {
        const video = this.screen.querySelector("video"); // removed if it cannot be played
        this.layer.hidden = !(shown && weights.where && video?.videoWidth);
        if (!this.layer.hidden) this.paint(weights.where, second);
        this.place();
      }
      const relation = this.relations?.findLast(({ start, shape }) => start <= second && second < start + shape[0] / 2);
      this.figure.hidden = !(shown && relation);
      if (!this.figure.hidden) this.draw(relation, second - relation.start);
    }

    /** Place the layer over the part of the frame that the model was given. */
    place() {
      const video = this.screen?.querySelector("video");
      if (!video?.videoWidth) return;
      const scale = Math.min(video.clientWidth / video.videoWidth, video.clientHeight / video.videoHeight);
      const side = this.crop && this.crop * scale * Math.min(video.videoWidth, video.videoHeight);
      const width = side || scale * video.videoWidth;
      const height = side || scale * video.videoHeight;
      Object.assign(this.layer.style, {
        width: `${width}px`,
        height: `${height}px`,
        left: `${(video.clientWidth - width) / 2}px`,
        top: `${(video.clientHeight - height) / 2}px`,
      });
    }

    /** Paint the cells with more than the uniform weight. */
    paint(where, second) {
      const [, rows, columns] = where.shape;
      Object.assign(this.layer, { width: columns, height: rows });
      const context = this.layer.getContext("2d");
      context.fillStyle = "#ff9d00";
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          context.globalAlpha = 0.75 * Math.max(0, (where.at(second, y, x) - 1) / Math.max(where.most - 1, 1e-6));
          context.fillRect(x, y, 1, 1);
        }
      }
    }

    /** Draw the map of a clip's seconds and mark the rows of the current second. */
    draw(relation, second) {
      const [size] = relation.shape;
      Object.assign(this.map, { width: size, height: size });
      const context = this.map.getContext("2d");
      const style = getComputedStyle(document.documentElement);
      context.fillStyle = style.getPropertyValue("--weight");
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          context.globalAlpha = relation.level(y, x);
          context.fillRect(x, y, 1, 1);
        }
      }
      context.globalAlpha = 0.25;
      context.fillStyle = style.getPropertyValue("--head");
      for (const part of [0, size / 2]) context.fillRect(0, part + second, size, 1);
    }

    /** Describe the largest spatial weight of the current second; "" if there is none. */
    describe() {
      const { second } = this;
      const { where } = this.weights;
      if (!this.on || !where || !this.covered.has(second)) return "";
      const [, rows, columns] = where.shape;
      const cells = Array.from({ length: rows * columns }, (_, i) => where.at(second, Math.floor(i / columns), i % columns));
      return `largest attention weight: ${Math.max(...cells).toFixed(1)} times uniform`;
    }

    /** Rows for the timeline: temporal weights of the displayed classes, and pyramid units. */
    rows(experiment, classes) {
      if (!this.on) return [];
      const { when, levels } = this.weights;
      const rows = [];
      if (when) {
        experiment.kept.forEach((index, k) => {
          const label = experiment.classes[index];
          for (const m of classes.has(label) ? [0, 1] : []) {
            const words = (t) => `${when.at(t, m, k).toFixed(1)} times uniform`;
            rows.push(this.row(`${label}, ${MODALITIES[m]}`, when.shape[0], (t) => when.level(t, m, k), words));
          }
        });
      }
      if (levels) {
        for (const m of [0, 1]) {
          for (let unit = 0; unit < levels.shape[2]; unit++) {
            const words = (t) => `weight ${levels.at(t, m, unit).toFixed(2)}`;
            const name = `Unit ${unit + 1}, ${MODALITIES[m]}`;
            rows.push(this.row(name, levels.shape[0], (t) => levels.level(t, m, unit), words));
          }
        }
      }
      return rows;
    }

    row(label, length, level, words) {
      const prob = Array.from({ length }, (_, t) => level(t));
      const describe = (t) => `Attention, ${label}: ${this.covered.has(t) ? words(t) : "no data"}`;
      const most = `largest at ${avparse.clock(prob.indexOf(Math.max(...prob)))}`;
      return { label, prob, describe, most };
    }
  }

  avparse.Attention = Attention;
})();
