"use strict";
// The timeline: a ruler to seek on, pictures, loudness, rows, and the playhead over all of them.

(() => {
  const { make, place, clock } = avparse;
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];
  const TICK = 56; // least pixels from one tick to the next
  const CLOSEST = 5; // seconds in view at the largest zoom

  /** As many pictures as there is room for, each in its part of the video and near its time. */
  function pictures(look, duration, width, side) {
    const each = look.seconds / look.times.length;
    const step = Math.max(1, Math.round((side * duration) / (width * each)));
    const rows = Math.ceil(look.times.length / look.columns);
    const part = (i, count) => `${count > 1 ? (100 * i) / (count - 1) : 0}%`;
    const cells = [];
    for (let first = 0; first < look.times.length && first * each < duration; first += step) {
      const chosen = Math.min(first + Math.floor(step / 2), look.times.length - 1);
      const [start, end] = [first * each, Math.min((first + step) * each, duration)];
      const picture = make("i", "picture");
      picture.style.backgroundImage = `url("${look.strip}")`;
      picture.style.backgroundPositionX = part(chosen % look.columns, look.columns);
      picture.style.backgroundPositionY = part(Math.floor(chosen / look.columns), rows);
      picture.style.backgroundSize = `${100 * look.columns}% ${100 * rows}%`;
      picture.style.setProperty("--at", `${(100 * (look.times[chosen] - start)) / (end - start)}%`);
      cells.push(place(make("span", "cell", { "data-time": look.times[chosen] }, picture), start, end, duration));
    }
    return cells;
  }

  function loudness(look, duration) {
    const peaks = Uint8Array.from(atob(look.peaks), (letter) => letter.charCodeAt(0));
    const up = Array.from(peaks, (peak, x) => `${x},${(1 - Math.max(peak / 255, 0.01)).toFixed(3)}`);
    const down = Array.from(peaks, (peak, x) => `${x},${(1 + Math.max(peak / 255, 0.01)).toFixed(3)}`).reverse();
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", `0 0 ${peaks.length} 2`);
    svg.setAttribute("preserveAspectRatio", "none");
    const shape = document.createElementNS(space, "polygon");
    shape.setAttribute("points", [...up, ...down].join(" "));
    svg.append(shape);
    svg.style.width = `${(100 * look.seconds) / duration}%`;
    return make("div", "track wave", { "aria-hidden": "true" }, svg);
  }

  class Timeline {
    /**
     * @param root an empty element; gets everything.
     * @param data of the page.
     * @param player that is sought, and tells the time to ``show``.
     * @param say called with a line about what is pointed at, or "".
     */
    constructor(root, data, player, say) {
      Object.assign(this, { root, player, say, look: data.look, duration: data.duration, zoom: 1 });
      this.ruler = make("div", "track ruler", {
        role: "slider",
        tabindex: 0,
        "aria-label": "Time",
        "aria-valuemin": 0,
        "aria-valuemax": data.duration,
      });
      this.rows = make("div", "rows");
      this.head = make("div", "head", { "aria-hidden": "true" });
      this.inside = make("div", "inside", {}, this.line("", this.ruler));
      if (data.look) {
        this.strip = make("div", "track strip", { "aria-hidden": "true" });
        this.inside.append(this.line("Pictures", this.strip));
        this.inside.append(this.line("Loudness", loudness(data.look, data.duration)));
      }
      this.inside.append(this.rows, this.head);
      root.append(this.inside);
      this.listen();
      new ResizeObserver(() => this.fill()).observe(root);
      this.show(0);
    }

    line(name, track) {
      return make("div", "row", {}, make("div", "label quiet", {}, name), track);
    }

    listen() {
      this.inside.addEventListener("click", (event) => {
        const bar = event.target.closest("[data-onset]");
        if (bar && event.detail === 0) this.player.seek(Number(bar.dataset.onset)); // by key
        else if (event.target.closest(".track")) this.player.seek(this.timeAt(event.clientX));
      });
      this.ruler.addEventListener("pointerdown", (event) => this.ruler.setPointerCapture(event.pointerId));
      this.ruler.addEventListener("pointermove", (event) => {
        if (this.ruler.hasPointerCapture(event.pointerId)) this.player.seek(this.timeAt(event.clientX));
      });
      this.inside.addEventListener("pointermove", (event) => this.point(event));
      this.inside.addEventListener("pointerleave", () => this.say(""));
      this.inside.addEventListener("focusin", (event) => {
        if (event.target.dataset.onset) this.say(event.target.getAttribute("aria-label"));
      });
    }

    point(event) {
      const track = event.target.closest(".track");
      if (!track) return this.say("");
      const time = this.timeAt(event.clientX);
      this.say(`${clock(time)}${track.says ? ` · ${track.says(time)}` : ""}`);
    }

    timeAt(x) {
      const box = this.ruler.getBoundingClientRect();
      return Math.max(0, Math.min((this.duration * (x - box.left)) / box.width, this.duration));
    }

    /** Move the playhead, and what is in view with it. */
    show(time) {
      this.head.style.setProperty("--at", time / this.duration);
      this.ruler.setAttribute("aria-valuenow", time.toFixed(1));
      this.ruler.setAttribute("aria-valuetext", `${clock(time)} of ${clock(this.duration)}`);
      const label = this.ruler.offsetLeft;
      const x = label + (time / this.duration) * this.ruler.offsetWidth;
      const left = this.root.scrollLeft;
      if (x < left + label || x > left + this.root.clientWidth) {
        this.root.scrollLeft = x - label - (this.root.clientWidth - label) / 4;
      }
    }

    /** Make everything wider or narrower; 1 shows all of the video. */
    setZoom(zoom) {
      this.zoom = Math.max(1, Math.min(zoom, this.duration / CLOSEST));
      this.inside.style.setProperty("--zoom", this.zoom);
      this.fill();
      this.root.scrollLeft = 0;
      this.show(this.player.time);
    }

    /** Put what there is room for on the ruler and the strip. */
    fill() {
      this.ticks();
      const width = this.ruler.offsetWidth;
      if (this.look) this.strip.replaceChildren(...pictures(this.look, this.duration, width, this.strip.offsetHeight));
    }

    ticks() {
      const fits = (step) => (this.ruler.offsetWidth * step) / this.duration >= TICK;
      const step = STEPS.find(fits) ?? STEPS[STEPS.length - 1];
      const marks = [];
      for (let time = 0; time < this.duration; time += step) {
        const mark = make("span", "tick", {}, clock(time));
        mark.style.left = `${(100 * time) / this.duration}%`;
        marks.push(mark);
      }
      this.ruler.replaceChildren(...marks);
    }

    /** Show other rows, under a heading for each way of perceiving, and rows of attention. */
    setRows(rows, page, attended) {
      const parts = [];
      for (const [modality, how] of Object.entries(avparse.HOW)) {
        const own = rows.filter((row) => row.modality === modality);
        if (!own.length) continue;
        parts.push(make("h2", `how ${modality}`, {}, make("span", "", {}, how)));
        parts.push(...own.map((row) => avparse.draw(row, page)));
      }
      if (attended.length) {
        parts.push(make("h2", "how attended", {}, make("span", "", {}, "attention")));
        parts.push(...attended.map((row) => avparse.faint(row, page)));
      }
      this.rows.replaceChildren(...parts);
    }
  }

  avparse.Timeline = Timeline;
})();
