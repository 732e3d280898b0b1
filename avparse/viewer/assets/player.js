"use strict";
// The current time: that of the video, or a time of its own if there is no video.

(() => {
  /** Format seconds as 1:02:03.5. */
  avparse.clock = (seconds, digits = 1) => {
    const rounded = Number(seconds.toFixed(digits));
    const parts = [Math.floor(rounded / 3600), Math.floor(rounded / 60) % 60];
    const rest = (rounded % 60).toFixed(Number.isInteger(rounded) ? 0 : digits);
    const start = parts[0] ? `${parts[0]}:${String(parts[1]).padStart(2, "0")}` : String(parts[1]);
    return `${start}:${rest.split(".")[0].length < 2 ? "0" : ""}${rest}`;
  };

  class Player {
    /**
     * @param video the element, or null.
     * @param duration in seconds.
     * @param changed called with the time whenever it changes.
     */
    constructor(video, duration, changed) {
      this.video = video;
      this.duration = duration;
      this.changed = changed;
      this.position = 0;
      if (!video) return;
      for (const name of ["timeupdate", "seeking", "seeked", "pause", "ended"]) {
        video.addEventListener(name, () => changed(this.time));
      }
      video.addEventListener("play", () => this.follow());
    }

    get time() {
      return this.video ? Math.min(this.video.currentTime, this.duration) : this.position;
    }

    seek(seconds) {
      const time = Math.max(0, Math.min(seconds, this.duration));
      this.position = time;
      if (this.video) this.video.currentTime = time;
      this.changed(time);
    }

    toggle() {
      if (!this.video) return;
      if (this.video.paused) this.video.play();
      else this.video.pause();
    }

    /** Report the time with every frame while the video plays. */
    follow() {
      this.changed(this.time);
      if (!this.video.paused) requestAnimationFrame(() => this.follow());
    }

    /** Handle a key; returns whether it has a function. */
    key(event) {
      const far = event.shiftKey ? 5 : 1;
      const steps = { ArrowLeft: -far, ArrowRight: far, PageDown: 10, PageUp: -10 };
      if (event.key in steps) this.seek(this.time + steps[event.key]);
      else if (event.key === "Home") this.seek(0);
      else if (event.key === "End") this.seek(this.duration);
      else if (event.key === " ") this.toggle();
      else return false;
      return true;
    }
  }

  avparse.Player = Player;
})();
