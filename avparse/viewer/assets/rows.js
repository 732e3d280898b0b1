"use strict";
// A row for each class and modality: truth, probability in each second, and events.

(() => {
  const NAMES = { audio: "audio", visual: "visual", audio_visual: "audio-visual" };
  const SMALL = 0.1; // probability below which a row without events is hidden
  const LONGEST = 16384; // pixels of a canvas

  /** Create an element with classes, attributes and children. */
  function make(tag, classes, attributes = {}, ...children) {
    const element = document.createElement(tag);
    element.className = classes;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  /** Lanes with their annotations: those with events or likely classes, or all classes. */
  function choose(experiment, lanes, truth, all) {
    const key = (modality, label) => `${modality} ${label}`;
    const known = new Map(lanes.map((lane) => [key(lane.modality, lane.label), lane]));
    const labels = new Set([...experiment.classes, ...truth.map((event) => event.label)]);
    return experiment.modalities.flatMap((modality) =>
      [...labels]
        .map((label) => {
          const events = truth.filter((event) => event.modality === modality && event.label === label);
          const lane = known.get(key(modality, label)) ?? { modality, label, prob: [], active: [], events: [] };
          return { ...lane, truth: events, true: marked(events, experiment.length) };
        })
        .filter((row) => all || row.truth.length || row.events.length || Math.max(0, ...row.prob) >= SMALL),
    );
  }

  /** Seconds covered by events, with onset and offset rounded down to whole seconds. */
  function marked(events, length) {
    const out = new Array(length).fill(false);
    for (const event of events) out.fill(true, Math.trunc(event.onset), Math.trunc(event.offset));
    return out;
  }

  /** Whether a second of a row agrees with the truth: "hit", "missed", "false" or "". */
  function agreement(row, t) {
    if (row.active[t]) return row.true[t] ? "hit" : "false";
    return row.true[t] ? "missed" : "";
  }

  /** Number of hit, missed and false seconds in the rows that count for the score of a task. */
  function count(rows, task) {
    const scored = rows.filter((row) => task !== "parsing" || row.modality !== "audio_visual");
    const totals = { hit: 0, missed: 0, false: 0 };
    for (const row of scored) {
      row.true.forEach((_, t) => {
        const kind = agreement(row, t);
        if (kind) totals[kind] += 1;
      });
    }
    return totals;
  }

  function place(element, onset, offset, duration) {
    element.style.left = `${(100 * onset) / duration}%`;
    element.style.width = `${(100 * (Math.min(offset, duration) - onset)) / duration}%`;
    return element;
  }

  function heat(row, length, colour = "--heat") {
    const step = Math.ceil(length / LONGEST);
    const canvas = make("canvas", "heat", { "aria-hidden": "true", width: Math.ceil(length / step), height: 1 });
    const context = canvas.getContext("2d");
    context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(colour);
    for (let x = 0; x < canvas.width; x++) {
      context.globalAlpha = Math.max(0, ...row.prob.slice(x * step, (x + 1) * step));
      context.fillRect(x, 0, 1, 1);
    }
    return canvas;
  }

  /** Split a span of seconds into pieces of equal agreement with the truth. */
  function pieces(row, first, end, judge) {
    const out = [];
    for (let t = first; t < end; t++) {
      const kind = judge(row, t);
      if (out.length && out[out.length - 1].kind === kind) out[out.length - 1].end = t + 1;
      else out.push({ kind, first: t, end: t + 1 });
    }
    return out;
  }

  function describeEvent(event, row, judged) {
    const span = `${event.label}, ${NAMES[event.modality]}, ${avparse.clock(event.onset)} to ${avparse.clock(event.offset)}`;
    if (event.score === undefined) return `Truth: ${span}`;
    const hits = row.true.slice(event.onset, Math.ceil(event.offset)).filter(Boolean).length;
    const agrees = judged ? `, ${hits} of ${Math.ceil(event.offset) - event.onset} seconds agree with the truth` : "";
    return `Predicted: ${span}, mean probability ${event.score.toFixed(2)}${agrees}`;
  }

  function bar(kind, event, row, page, inside = []) {
    const text = describeEvent(event, row, page.judged);
    const button = make("button", kind, { type: "button", "aria-label": text, "data-onset": event.onset }, ...inside);
    return place(button, event.onset, event.offset, page.duration);
  }

  function prediction(event, row, page) {
    const length = event.offset - event.onset;
    const judge = page.judged ? agreement : () => "plain";
    const inside = pieces(row, event.onset, Math.ceil(event.offset), judge).map(({ kind, first, end }) => {
      const piece = make("i", kind);
      piece.style.left = `${(100 * (first - event.onset)) / length}%`;
      piece.style.width = `${(100 * (Math.min(end, event.offset) - first)) / length}%`;
      return piece;
    });
    return bar("event", event, row, page, inside);
  }

  /** Create the element of a row. */
  function draw(row, page) {
    const picture = heat(row, page.length);
    picture.style.width = `${(100 * page.length) / page.duration}%`;
    const missed = pieces(row, 0, page.length, agreement).filter(({ kind }) => kind === "missed");
    const track = make(
      "div",
      "track",
      {},
      make("div", "truths", {}, ...row.truth.map((event) => bar("truth", event, row, page))),
      picture,
      make(
        "div",
        "predictions",
        {},
        ...missed.map(({ first, end }) => place(make("i", "missed"), first, end, page.duration)),
        ...row.events.map((event) => prediction(event, row, page)),
      ),
    );
    track.dataset.modality = row.modality;
    track.dataset.label = row.label;
    track.describe = (time) => describe(row, Math.floor(time), page);
    const name = make("div", "label", { title: row.label }, row.label);
    return make("div", "row", { role: "group", "aria-label": `${row.label}, ${NAMES[row.modality]}` }, name, track);
  }

  /** Describe a second of a row. */
  function describe(row, second, page) {
    if (second >= page.length) return `${row.label}, ${NAMES[row.modality]}: no data`;
    const number = row.prob.length ? row.prob[second].toFixed(2) : "below 0.01";
    const kind = agreement(row, second);
    const words = { hit: "annotated and predicted", missed: "annotated, missed", false: "predicted, not annotated" };
    const verdict = page.judged ? words[kind] ?? "" : row.active[second] ? "predicted" : "";
    return `${row.label}, ${NAMES[row.modality]}: ${number}${verdict && `, ${verdict}`}`;
  }

  /** Create the element of an attention row, which has weights only. */
  function faint(row, page) {
    const picture = heat(row, page.length, "--weight");
    picture.style.width = `${(100 * page.length) / page.duration}%`;
    const track = make("div", "track faint", {}, picture);
    track.describe = (time) => row.describe(Math.floor(time));
    return make("div", "row", { role: "group", "aria-label": `Attention, ${row.label}: ${row.most}` }, make("div", "label", { title: row.label }, row.label), track);
  }

  Object.assign(avparse, { make, place, choose, count, draw, faint, NAMES });
})();
