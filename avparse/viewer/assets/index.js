"use strict";
// The index: searchable and sortable cards of videos, added as the reader scrolls.

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const AT_ONCE = 48;
  let left = [];

  function make(tag, classes, ...children) {
    const element = document.createElement(tag);
    element.className = classes;
    element.append(...children);
    return element;
  }

  function length(seconds) {
    const rounded = Math.round(seconds);
    return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, "0")}`;
  }

  /** The middle thumbnail of the strip, with its top and bottom cropped. */
  function thumbnail(video) {
    const frame = make("span", "thumbnail");
    if (!video.thumbnails) return frame;
    const image = make("img", "");
    Object.assign(image, { loading: "lazy", decoding: "async", alt: "", src: `thumbnails/${video.page}.jpg` });
    const middle = Math.floor(video.thumbnails / 2);
    const rows = Math.ceil(video.thumbnails / video.columns);
    const left = (middle % video.columns) / video.columns;
    const top = (Math.floor(middle / video.columns) + 1 / 8) / rows;
    image.style.width = `${100 * video.columns}%`;
    image.style.transform = `translate(${-100 * left}%, ${-100 * top}%)`;
    frame.append(image);
    return frame;
  }

  function card(video) {
    const scores = data.scored
      .filter((name) => name in video.scores)
      .map((name) => make("span", "score", `${name} ${video.scores[name].toFixed(0)}`));
    const about = [video.dataset || "new", video.split, length(video.seconds)].filter(Boolean).join(" · ");
    const link = make(
      "a",
      "card",
      thumbnail(video),
      make("span", "title", video.title),
      make("span", "quiet", about),
      make("span", "classes", video.classes.join(", ")),
      make("span", "scores", ...scores),
    );
    link.href = `videos/${video.page}.html`;
    return make("li", "", link);
  }

  /** Videos whose name, data set or classes contain every word, in the selected order. */
  function chosen() {
    const words = find("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const text = (video) => [video.title, video.dataset, ...video.classes].join("\n").toLowerCase();
    const matches = data.videos.filter((video) => words.every((word) => text(video).includes(word)));
    const by = find("sort").value;
    const score = (video) => video.scores[by.slice(6)] ?? Infinity;
    const orders = {
      name: (a, b) => a.title.localeCompare(b.title, "en", { numeric: true }),
      longest: (a, b) => b.seconds - a.seconds,
      shortest: (a, b) => a.seconds - b.seconds,
    };
    // Infinity - Infinity is NaN, so compare first: videos without a score keep their order.
    const worst = (a, b) => (score(a) === score(b) ? 0 : score(a) - score(b));
    return matches.sort(orders[by] ?? worst);
  }

  function more() {
    find("videos").append(...left.splice(0, AT_ONCE).map(card));
    find("more").hidden = left.length === 0;
  }

  function show() {
    left = chosen();
    find("count").textContent = `${left.length} of ${data.videos.length} videos`;
    find("videos").replaceChildren();
    more();
    const kept = new URLSearchParams({ find: find("search").value, sort: find("sort").value });
    history.replaceState(null, "", `#${kept}`);
  }

  find("sort").append(
    ...data.scored.map((name) => new Option(`worst by ${name}`, `score:${name}`)),
    ...["name", "longest", "shortest"].map((name) => new Option(name, name)),
  );
  const kept = new URLSearchParams(location.hash.slice(1));
  find("search").value = kept.get("find") ?? "";
  if ([...find("sort").options].some((option) => option.value === kept.get("sort"))) {
    find("sort").value = kept.get("sort");
  }
  find("search").addEventListener("input", show);
  find("sort").addEventListener("change", show);
  find("more").addEventListener("click", more);
  new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && more(), {
    rootMargin: "600px",
  }).observe(find("more"));
  show();
})();
