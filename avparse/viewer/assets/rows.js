"use strict";
// A row for each class and modality: its truth, its probability in each second, and its events.

(() => {
  const HOW = { audio: "heard", visual: "seen", audio_visual: "heard and seen" };
  const SMALL = 0.1;
  const LONGEST = 16384; // pixels of a canvas

  /** An element with classes, attributes and children. */
  function make(tag, classes, attributes = {}, ...children) {
    const element = document.createElement(tag);
    element.className = classes;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  /** Lanes with what is annotated; those that matter, or all classes. */
  function choose(experiment, lanes, truth, all) {
    const key = (modality, label) => `${modality} ${label}`;
    const known = new Map(lanes.map((lane) => [key(lane.modality, lane.label), lane]));
    const labels = new Set([...experiment.classes, ...truth.map((event) => event.label)]);
    return experiment.modalities.flatMap((modality) =>
      [...labels]
        .map((label) => {
          const own = truth.filter((event) => event.modality === modality && event.label === label);
          const lane = known.get(key(modality, label)) ?? { modality, label, prob: [], active: [], events: [] };
          return { ...lane, truth: own, true: marked(own, experiment.length) };
        })
        .filter((row) => all || row.truth.length || row.events.length || Math.max(0, ...row.prob) >= SMALL),
    );
  }

  /** Which seconds events mark: from the whole second of their onset to that of their offset. */
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

  /** Seconds that are hit, missed and false, in the rows that a task is scored by. */
  function count(rows, task) {
    const scored = rows.filter((row) => task !== "parsing" || row.modality !== "audio_visual");
    const found = { hit: 0, missed: 0, false: 0 };
    for (const row of scored) {
      row.true.forEach((_, t) => {
        const how = agreement(row, t);
        if (how) found[how] += 1;
      });
    }
    return found;
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

  /** The pieces of a span of seconds that agree with the truth in one way. */
  function pieces(row, first, end, judge) {
    const out = [];
    for (let t = first; t < end; t++) {
      const how = judge(row, t);
      if (out.length && out[out.length - 1].how === how) out[out.length - 1].end = t + 1;
      else out.push({ how, first: t, end: t + 1 });
    }
    return out;
  }

  function told(event, row, judged) {
    const span = `${event.label}, ${HOW[event.modality]}, ${avparse.clock(event.onset)} to ${avparse.clock(event.offset)}`;
    if (event.score === undefined) return `Truth: ${span}`;
    const hits = row.true.slice(event.onset, Math.ceil(event.offset)).filter(Boolean).length;
    const agrees = judged ? `, ${hits} of ${Math.ceil(event.offset) - event.onset} seconds agree with the truth` : "";
    return `Predicted: ${span}, mean probability ${event.score.toFixed(2)}${agrees}`;
  }

  function bar(kind, event, row, page, inside = []) {
    const said = told(event, row, page.judged);
    const button = make("button", kind, { type: "button", "aria-label": said, "data-onset": event.onset }, ...inside);
    return place(button, event.onset, event.offset, page.duration);
  }

  function found(event, row, page) {
    const length = event.offset - event.onset;
    const judge = page.judged ? agreement : () => "plain";
    const inside = pieces(row, event.onset, Math.ceil(event.offset), judge).map(({ how, first, end }) => {
      const piece = make("i", how);
      piece.style.left = `${(100 * (first - event.onset)) / length}%`;
      piece.style.width = `${(100 * (Math.min(end, event.offset) - first)) / length}%`;
      return piece;
    });
    return bar("event", event, row, page, inside);
  }

  /** The element of a row. */
  function draw(row, page) {
    const picture = heat(row, page.length);
    picture.style.width = `${(100 * page.length) / page.duration}%`;
    const missed = pieces(row, 0, page.length, agreement).filter(({ how }) => how === "missed");
    const track = make(
      "div",
      "track",
      {},
      make("div", "truths", {}, ...row.truth.map((event) => bar("truth", event, row, page))),
      picture,
      make(
        "div",
        "found",
        {},
        ...missed.map(({ first, end }) => place(make("i", "missed"), first, end, page.duration)),
        ...row.events.map((event) => found(event, row, page)),
      ),
    );
    track.dataset.modality = row.modality;
    track.dataset.label = row.label;
    track.says = (time) => says(row, Math.floor(time), page);
    const name = make("div", "label", { title: row.label }, row.label);
    return make("div", "row", { role: "group", "aria-label": `${row.label}, ${HOW[row.modality]}` }, name, track);
  }

  /** What a row says of a second, for people. */
  function says(row, second, page) {
    if (second >= page.length) return `${row.label}, ${HOW[row.modality]}: not looked at`;
    const number = row.prob.length ? row.prob[second].toFixed(2) : "below 0.01";
    const how = agreement(row, second);
    const words = { hit: "annotated and predicted", missed: "annotated, missed", false: "predicted, not annotated" };
    const verdict = page.judged ? words[how] ?? "" : row.active[second] ? "predicted" : "";
    return `${row.label}, ${HOW[row.modality]}: ${number}${verdict && `, ${verdict}`}`;
  }

  /** The element of a row of attention: weights alone. */
  function faint(row, page) {
    const picture = heat(row, page.length, "--weight");
    picture.style.width = `${(100 * page.length) / page.duration}%`;
    const track = make("div", "track faint", {}, picture);
    track.says = (time) => row.says(Math.floor(time));
    return make("div", "row", { role: "group", "aria-label": `Attention, ${row.label}: ${row.most}` }, make("div", "label", { title: row.label }, row.label), track);
  }

  Object.assign(avparse, { make, place, choose, count, draw, faint, HOW });
})();
