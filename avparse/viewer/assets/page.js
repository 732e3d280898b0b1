"use strict";
// The page of a video: its controls and their effects.

(() => {
  const { Attention, Player, Timeline, clock } = avparse;
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const state = { experiment: null, variant: 0, threshold: 0.5, all: false };

  const player = new Player(document.querySelector("video"), data.duration, (time) => {
    timeline.show(time);
    attention.show(time);
    describeAttention();
    find("time").textContent = `${clock(time)} / ${clock(data.duration)}`;
  });
  const timeline = new Timeline(find("timeline"), data, player, (text) => {
    find("hovered").textContent = text;
  });

  const attention = new Attention(document.querySelector(".screen"), find("relation"));

  /** Update the description of the attention, only if it changes because screen readers announce it. */
  function describeAttention() {
    const text = attention.describe();
    if (find("attention-peak").textContent !== text) find("attention-peak").textContent = text;
  }

  /** Redraw the rows with the current settings of the controls. */
  function draw() {
    const { experiment, variant, threshold, all } = state;
    const truth = data.truth[experiment.task];
    const page = { duration: data.duration, length: experiment.length, judged: truth !== undefined };
    const lanes = avparse.lanes(experiment, variant, threshold, data.duration);
    const rows = avparse.choose(experiment, lanes, truth ?? [], all);
    const shown = new Set(rows.map((row) => row.label));
    timeline.setRows(rows, page, attention.rows(experiment, shown));
    find("empty").hidden = rows.length > 0;
    const seconds = avparse.count(rows, experiment.task);
    find("legend").classList.toggle("judged", page.judged);
    for (const [how, number] of Object.entries(seconds)) find(`count-${how}`).textContent = `${number} s`;
  }

  function setThreshold(value) {
    state.threshold = value;
    find("threshold").value = value;
    find("threshold-is").textContent = value.toFixed(2);
    find("reset").disabled = value === state.experiment.threshold;
    draw();
  }

  function setExperiment(index) {
    state.experiment = avparse.read(data.experiments[index]);
    attention.set(state.experiment);
    describeAttention();
    document.body.classList.toggle("attends", attention.available);
    state.variant = 0;
    const names = state.experiment.variants.map((name) => (name === "mean" ? "mean of seeds" : `seed ${name}`));
    find("variant").replaceChildren(...names.map((name, i) => new Option(name, i)));
    find("variant").disabled = names.length === 1;
    const score = state.experiment.score;
    const what = state.experiment.task === "parsing" ? "Type@AV F-score of this video" : "of seconds labelled correctly";
    const at = `at ${state.experiment.threshold.toFixed(2)}`;
    find("score").textContent = score === null ? "" : `${score.toFixed(1)} % ${what}, ${at}`;
    find("threshold").min = Math.min(0.01, state.experiment.threshold);
    setThreshold(state.experiment.threshold);
  }

  /** Handle keyboard shortcuts, except where the focused element uses the key itself. */
  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, video")) return;
    if (event.key === " " && event.target.closest("button, a, summary")) return;
    if (event.key === "+") timeline.setZoom(2 * timeline.zoom);
    else if (event.key === "-") timeline.setZoom(timeline.zoom / 2);
    else if (!player.key(event)) return;
    event.preventDefault();
  }

  const choices = data.experiments.map((experiment, i) => new Option(experiment.name, i));
  find("experiment").replaceChildren(...choices);
  find("experiment").addEventListener("change", (event) => setExperiment(Number(event.target.value)));
  find("variant").addEventListener("change", (event) => {
    state.variant = Number(event.target.value);
    draw();
  });
  find("threshold").addEventListener("input", (event) => setThreshold(Number(event.target.value)));
  find("reset").addEventListener("click", () => setThreshold(state.experiment.threshold));
  find("all").addEventListener("change", (event) => {
    state.all = event.target.checked;
    draw();
  });
  find("attention").addEventListener("change", (event) => {
    attention.toggle(event.target.checked);
    describeAttention();
    draw();
  });
  find("closer").addEventListener("click", () => timeline.setZoom(2 * timeline.zoom));
  find("farther").addEventListener("click", () => timeline.setZoom(timeline.zoom / 2));
  find("fit").addEventListener("click", () => timeline.setZoom(1));
  player.video?.addEventListener("error", () => {
    player.video.replaceWith(avparse.make("p", "note", {}, "This browser cannot play the video."));
    player.video = null;
    attention.redraw();
  });
  document.addEventListener("keydown", key);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    attention.redraw();
    draw();
  });
  setExperiment(0);
  player.changed(0);
})();
