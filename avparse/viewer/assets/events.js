"use strict";
// Events from probabilities, by the rules of avparse/prediction/decisions.py and timeline.py.

window.avparse = {};

(() => {
  const LEVELS = 65535;
  const MODALITIES = { parsing: ["audio", "visual", "audio_visual"], localization: ["audio_visual"] };

  /** Unpack 16-bit little-endian integers from base64. */
  function unpack(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return Uint16Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i, true));
  }

  /** Unpack the arrays of an experiment; avparse/viewer/payload.py documents their shapes. */
  function read(payload) {
    const experiment = { ...payload, modalities: MODALITIES[payload.task] };
    for (const name of ["segment", "clip", "label", "sure", "prob"]) {
      if (name in payload) experiment[name] = unpack(payload[name]);
    }
    experiment.length = Math.max(...payload.clips.map((clip) => clip.start + clip.segments));
    return experiment;
  }

  /** Join clips on the timeline, averaging overlaps: value(clip, segment, class) to (S x K). */
  function join(experiment, value) {
    const width = experiment.kept.length;
    const total = new Float64Array(experiment.length * width);
    const count = new Float64Array(experiment.length);
    experiment.clips.forEach((clip, n) => {
      for (const t of clip.seen) {
        count[clip.start + t] += 1;
        for (let k = 0; k < width; k++) total[(clip.start + t) * width + k] += value(n, t, k);
      }
    });
    return total.map((sum, i) => sum / Math.max(count[Math.floor(i / width)], 1));
  }

  const least = (a, b) => a.map((value, i) => Math.min(value, b[i]));

  /** Probabilities of parsing by modality: as displayed, and gated by those of the clip. */
  function parsing(experiment, variant, threshold) {
    const { clips, segments, gates, kept } = experiment;
    const prob = (n, t, m, k) =>
      experiment.segment[(((variant * clips.length + n) * segments + t) * 2 + m) * kept.length + k] / LEVELS;
    const open = (n, m, k) => {
      const gate = Math.min(m, gates - 1);
      return experiment.clip[((variant * clips.length + n) * gates + gate) * kept.length + k] / LEVELS >= threshold;
    };
    const shown = [0, 1].map((m) => join(experiment, (n, t, k) => prob(n, t, m, k)));
    const gated = [0, 1].map((m) => join(experiment, (n, t, k) => (open(n, m, k) ? prob(n, t, m, k) : 0)));
    return { shown: [...shown, least(...shown)], gated: [...gated, least(...gated)] };
  }

  /** Probabilities of localization, where each segment has one class or is background. */
  function localization(experiment, variant, threshold) {
    const { clips, segments, kept } = experiment;
    const at = (n, t) => (variant * clips.length + n) * segments + t;
    const sure = (n, t, k) => {
      if (experiment.label[at(n, t)] !== kept[k]) return 0;
      const value = experiment.sure[at(n, t)] / LEVELS;
      return experiment.gated && !(value > threshold) ? 0 : value;
    };
    return {
      shown: [join(experiment, (n, t, k) => experiment.prob[at(n, t) * kept.length + k] / LEVELS)],
      gated: [join(experiment, sure)],
    };
  }

  /** Runs of active segments, as [first, end) pairs. */
  function runs(active) {
    const pairs = [];
    active.forEach((on, t) => {
      if (on && (t === 0 || !active[t - 1])) pairs.push([t, t]);
      if (on) pairs[pairs.length - 1][1] = t + 1;
    });
    return pairs;
  }

  function classLane(experiment, values, modality, k, threshold, duration) {
    const column = (of) => Array.from({ length: experiment.length }, (_, t) => of[t * experiment.kept.length + k]);
    const gated = column(values.gated);
    const active = gated.map((p) => (experiment.task === "parsing" ? p >= threshold : p > threshold));
    const label = experiment.classes[experiment.kept[k]];
    const events = runs(active)
      .map(([first, end]) => ({
        modality,
        label,
        onset: first,
        offset: Math.min(end, duration),
        score: gated.slice(first, end).reduce((a, b) => a + b, 0) / (end - first),
      }))
      .filter((event) => event.onset < event.offset);
    return { modality, label, prob: column(values.shown), active, events };
  }

  /**
   * Apply a threshold to the predictions of an experiment.
   *
   * @returns a lane for each modality and class of the payload: its probability in each second,
   *     its active seconds, and the events they form.
   */
  function lanes(experiment, variant, threshold, duration) {
    const make = experiment.task === "parsing" ? parsing : localization;
    const { shown, gated } = make(experiment, variant, threshold);
    return experiment.modalities.flatMap((modality, m) =>
      experiment.kept.map((_, k) =>
        classLane(experiment, { shown: shown[m], gated: gated[m] }, modality, k, threshold, duration),
      ),
    );
  }

  Object.assign(avparse, { read, lanes });
})();
