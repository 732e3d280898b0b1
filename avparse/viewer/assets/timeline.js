"use strict";
// The timeline: a ruler for seeking, frames, loudness, rows, and a playhead across all of them.

(() => {
  const { make, place, clock } = avparse;
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];
  const TICK = 56; // minimum pixels between ticks
  const CLOSEST = 5; // seconds in view at maximum zoom

  /** As many thumbnails as fit, each in its part of the video and close to its time. */
  function frames(thumbnails, duration, width, side) {
    const each = thumbnails.seconds / thumbnails.times.length;
    const step = Math.max(1, Math.round((side * duration) / (width * each)));
    const rows = Math.ceil(thumbnails.times.length / thumbnails.columns);
    const part = (i, count) => `${count > 1 ? (100 * i) / (count - 1) : 0}%`;
    const cells = [];
    for (let first = 0; first < thumbnails.times.length && first * each < duration; first += step) {
      const chosen = Math.min(first + Math.floor(step / 2), thumbnails.times.length - 1);
      const [start, end] = [first * each, Math.min((first + step) * each, duration)];
      const picture = make("i", "picture");
      picture.style.backgroundImage = `url("${thumbnails.strip}")`;
      picture.style.backgroundPositionX = part(chosen % thumbnails.columns, thumbnails.columns);
      picture.style.backgroundPositionY = part(Math.floor(chosen / thumbnails.columns), rows);
      picture.style.backgroundSize = `${100 * thumbnails.columns}% ${100 * rows}%`;
      picture.style.setProperty("--at", `${(100 * (thumbnails.times[chosen] - start)) / (end - start)}%`);
      cells.push(place(make("span", "cell", { "data-time": thumbnails.times[chosen] }, picture), start, end, duration));
    }
    return cells;
  }

  function loudness(thumbnails, duration) {
    const peaks = Uint8Array.from(atob(thumbnails.peaks), (letter) => letter.charCodeAt(0));
    const up = Array.from(peaks, (peak, x) => `${x},${(1 - Math.max(peak / 255, 0.01)).toFixed(3)}`);
    const down = Array.from(peaks, (peak, x) => `${x},${(1 + Math.max(peak / 255, 0.01)).toFixed(3)}`).reverse();
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", `0 0 ${peaks.length} 2`);
    svg.setAttribute("preserveAspectRatio", "none");
    const shape = document.createElementNS(space, "polygon");
    shape.setAttribute("points", [...up, ...down].join(" "));
    svg.append(shape);
    svg.style.width = `${(100 * thumbnails.seconds) / duration}%`;
    return make("div", "track wave", { "aria-hidden": "true" }, svg);
  }

  class Timeline {
    /**
     * @param root an empty element that gets the timeline.
     * @param data the data of the page.
     * @param player seeks, and calls ``show`` with the time.
     * @param say called with a description of the hovered element, or "".
     */
    constructor(root, data, player, say) {
      Object.assign(this, { root, player, say, thumbnails: data.thumbnails, duration: data.duration, zoom: 1 });
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
      if (data.thumbnails) {
        this.strip = make("div", "track strip", { "aria-hidden": "true" });
        this.inside.append(this.line("Frames", this.strip));
        this.inside.append(this.line("Loudness", loudness(data.thumbnails, data.duration)));
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
      this.say(`${clock(time)}${track.describe ? ` · ${track.describe(time)}` : ""}`);
    }

    timeAt(x) {
      const box = this.ruler.getBoundingClientRect();
      return Math.max(0, Math.min((this.duration * (x - box.left)) / box.width, this.duration));
    }

    /** Move the playhead and scroll it into view. */
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

    /** Set the zoom; 1 shows the whole video. */
    setZoom(zoom) {
      this.zoom = Math.max(1, Math.min(zoom, this.duration / CLOSEST));
      this.inside.style.setProperty("--zoom", this.zoom);
      this.fill();
      this.root.scrollLeft = 0;
      this.show(this.player.time);
    }

    /** Fill the ruler and the strip with as many ticks and frames as fit. */
    fill() {
      this.ticks();
      const width = this.ruler.offsetWidth;
      if (!this.thumbnails) return;
      this.strip.replaceChildren(...frames(this.thumbnails, this.duration, width, this.strip.offsetHeight));
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

    /** Replace the rows, with a heading for each modality, and the rows of attention. */
    setRows(rows, page, attention) {
      const parts = [];
      for (const [modality, name] of Object.entries(avparse.NAMES)) {
        const group = rows.filter((row) => row.modality === modality);
        if (!group.length) continue;
        parts.push(make("h2", `modality ${modality}`, {}, make("span", "", {}, name)));
        parts.push(...group.map((row) => avparse.draw(row, page)));
      }
      if (attention.length) {
        parts.push(make("h2", "modality attended", {}, make("span", "", {}, "attention")));
        parts.push(...attention.map((row) => avparse.faint(row, page)));
      }
      this.rows.replaceChildren(...parts);
    }
  }

  avparse.Timeline = Timeline;
})();
