"use strict";
// Where and when a model looks: a layer over the video, rows under the timeline, and a map of seconds.

(() => {
  const HEARD_AND_SEEN = ["heard", "seen"];

  /** Weights of the Python side: at(i, j, ...) in their own unit, level(i, j, ...) of 0 to 1. */
  function unpack({ shape, most, levels }) {
    const bytes = Uint8Array.from(atob(levels), (letter) => letter.charCodeAt(0));
    const level = (...place) => bytes[place.reduce((sum, i, axis) => sum * shape[axis] + i, 0)] / 255;
    return { shape, most, level, at: (...place) => most * level(...place) };
  }

  class Attention {
    /**
     * @param screen the element around the video and the layer, or null.
     * @param figure for the map of seconds.
     */
    constructor(screen, figure) {
      Object.assign(this, { screen, figure, on: true, second: 0, found: {} });
      this.layer = screen?.querySelector("canvas");
      this.map = figure.querySelector("canvas");
      if (screen) {
        new ResizeObserver(() => this.lay()).observe(screen);
        screen.querySelector("video").addEventListener("loadedmetadata", () => this.redraw());
      }
    }

    /** Show an experiment's. */
    set(experiment) {
      const told = experiment.attention;
      this.looked = new Set(experiment.clips.flatMap((clip) => clip.seen.map((t) => clip.start + t)));
      this.found = {};
      for (const name of ["where", "when", "levels"]) if (told[name]) this.found[name] = unpack(told[name]);
      this.relations = (told.relations ?? []).map((one) => ({ start: one.start, ...unpack(one) }));
      this.crop = told.crop;
      this.redraw();
    }

    /** Whether there is anything to show. */
    get some() {
      return Object.keys(this.found).length > 0 || this.relations.length > 0;
    }

    toggle(on) {
      this.on = on;
      this.redraw();
    }

    /** Show the second that a time is in. */
    show(time) {
      if (Math.floor(time) === this.second) return;
      this.second = Math.floor(time);
      this.redraw();
    }

    redraw() {
      const { second, found } = this;
      const shown = this.on && this.looked?.has(second);
      if (this.layer) {
        const video = this.screen.querySelector("video"); // replaced where it does not play
        this.layer.hidden = !(shown && found.where && video?.videoWidth);
        if (!this.layer.hidden) this.paint(found.where, second);
        this.lay();
      }
      const relation = this.relations?.findLast(({ start, shape }) => start <= second && second < start + shape[0] / 2);
      this.figure.hidden = !(shown && relation);
      if (!this.figure.hidden) this.draw(relation, second - relation.start);
    }

    /** Put the layer over what the model saw of the pictures. */
    lay() {
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

    /** Cells that count more than if all counted alike. */
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

    /** The map of a clip's seconds, with the rows of the one that is shown. */
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

    /** What the second says, for people: the most that is looked at, or "". */
    says() {
      const { second } = this;
      const { where } = this.found;
      if (!this.on || !where || !this.looked.has(second)) return "";
      const [, rows, columns] = where.shape;
      const cells = Array.from({ length: rows * columns }, (_, i) => where.at(second, Math.floor(i / columns), i % columns));
      return `looks most at one place: ${Math.max(...cells).toFixed(1)} times its even share`;
    }

    /** Rows for the timeline: seconds in attentive pooling of classes that are shown, and units. */
    rows(experiment, classes) {
      if (!this.on) return [];
      const { when, levels } = this.found;
      const made = [];
      if (when) {
        experiment.kept.forEach((index, k) => {
          const label = experiment.classes[index];
          for (const m of classes.has(label) ? [0, 1] : []) {
            const words = (t) => `${when.at(t, m, k).toFixed(1)} times its even share`;
            made.push(this.row(`${label}, ${HEARD_AND_SEEN[m]}`, when.shape[0], (t) => when.level(t, m, k), words));
          }
        });
      }
      if (levels) {
        for (const m of [0, 1]) {
          for (let unit = 0; unit < levels.shape[2]; unit++) {
            const words = (t) => `weight ${levels.at(t, m, unit).toFixed(2)}`;
            const name = `Unit ${unit + 1}, ${HEARD_AND_SEEN[m]}`;
            made.push(this.row(name, levels.shape[0], (t) => levels.level(t, m, unit), words));
          }
        }
      }
      return made;
    }

    row(label, length, level, words) {
      const prob = Array.from({ length }, (_, t) => level(t));
      const says = (t) => `Attention, ${label}: ${this.looked.has(t) ? words(t) : "not looked at"}`;
      const most = `most at ${avparse.clock(prob.indexOf(Math.max(...prob)))}`;
      return { label, prob, says, most };
    }
  }

  avparse.Attention = Attention;
})();
