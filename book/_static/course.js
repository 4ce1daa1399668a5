// A browser lays a film's controls over its axis, and turns them over with it by night: ours stand
// below it.
function setUpFilm(video) {
  const fps = Number(video.dataset.fps);
  const bar = document.createElement("div");
  bar.className = "film-bar";
  bar.innerHTML =
    '<button type="button">Play</button><input type="range" min="1" aria-label="Frame"><output>';
  const [play, place, told] = bar.children;

  function tell() {
    told.value = `frame ${place.value} of ${place.max}`;
    place.setAttribute("aria-valuetext", told.value);
  }
  function follow() {
    place.value = Math.floor(video.currentTime * fps + 1.001);
    tell();
    if (!video.paused) requestAnimationFrame(follow);
  }
  function ready() {
    place.max = Math.round(video.duration * fps);
    place.value = Math.floor(place.max / 2) + 1; // which the poster shows
    tell();
  }
  video.removeAttribute("controls");
  video.after(bar);
  if (video.readyState) ready();
  video.addEventListener("loadedmetadata", ready);
  video.addEventListener("play", follow);
  for (const state of ["play", "pause"]) {
    video.addEventListener(state, () => (play.textContent = video.paused ? "Play" : "Pause"));
  }
  const stopped = () => {}; // by a pause that comes before the first picture
  const turn = () => (video.paused ? video.play().catch(stopped) : video.pause());
  play.addEventListener("click", turn);
  video.addEventListener("click", turn);
  place.addEventListener("input", () => {
    video.pause();
    video.currentTime = (place.value - 0.5) / fps;
    tell();
  });

  const still = document.createElement("div"); // since a browser prints a film as an empty box
  still.className = "on-paper";
  still.innerHTML = "<img><p></p>";
  still.firstChild.src = video.poster;
  still.firstChild.alt = video.ariaLabel;
  still.lastChild.textContent = `The film: ${video.src}`;
  video.before(still);
}

// A film is fetched as its reader comes near.
const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) target.preload = "metadata";
  },
  { rootMargin: "100%" },
);

document.addEventListener("DOMContentLoaded", () => {
  for (const film of document.querySelectorAll("figure.animation video")) {
    setUpFilm(film);
    near.observe(film);
  }
  // A style sheet alone says what these do, and WebKit takes no name from there.
  for (const button of document.querySelectorAll(".copybtn")) button.ariaLabel = "Copy";

  // A browser lets no page read another one from a disk: there the search says titles alone.
  if (location.protocol === "file:" && document.getElementById("search-results")) {
    DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  }

  // A reader who asked for less movement starts each video by hand.
  if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const video of document.querySelectorAll("video[autoplay]")) {
    video.removeAttribute("autoplay");
    video.pause();
  }
});

// As a sidebar or the search closes, the focus is where it was, or at what was chosen in it.
{
  let next;
  const follow = ({ target }) => {
    const [dialog, link] = [target.closest("dialog"), target.closest("dialog a[href^='#']")];
    if (!dialog) next = target.closest("button") ?? next;
    if (!link) return;
    next = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (next) next.tabIndex = -1;
    dialog.close();
  };
  addEventListener("click", follow, true); // first, since the theme lets no click on it go further
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () => setTimeout(() => next?.focus({ preventScroll: true })));
  }
}

// Paper is white, and nobody can open what is folded on it: only answers and code stay so.
{
  const root = document.documentElement;
  let theme;
  let folded = [];
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    folded = [...document.querySelectorAll(".bd-article details:not([open], .answer, .hide)")];
    for (const fold of folded) fold.open = true;
  });
  addEventListener("afterprint", () => {
    root.dataset.theme = theme;
    for (const fold of folded) fold.open = false;
  });
}

// What is wider than its box scrolls in it. A fade at an edge says that there is more, and the
// keyboard can reach the box, as the pointer can.
const BOXES = "pre, div.math > mjx-container, .pair, span.math, .cell_output, .pst-scrollable-table-container";

function showEdges(box) {
  const inline = box.matches("span");
  if (inline && box.parentElement.matches(".pair")) return;
  if (inline) {
    box.classList.remove("wide");
    const room = box.closest("p, li, td, th, dd, summary")?.clientWidth ?? Infinity;
    box.classList.toggle("wide", box.getBoundingClientRect().width > room + 1);
  }
  const hidden = inline && !box.matches(".wide") ? 0 : box.scrollWidth - box.clientWidth;
  box.classList.toggle("more-left", hidden > 1 && box.scrollLeft > 1);
  box.classList.toggle("more-right", hidden - box.scrollLeft > 1);
  if (hidden > 1) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}

async function watchEdges() {
  await window.MathJax?.startup?.promise;
  const boxes = document.querySelectorAll(`.bd-article :is(${BOXES})`);
  const sizes = new ResizeObserver((all) => all.forEach(({ target }) => showEdges(target)));
  for (const box of boxes) {
    sizes.observe(box);
    box.addEventListener("scroll", () => showEdges(box), { passive: true });
  }
  addEventListener("resize", () => boxes.forEach(showEdges));
}

// A figure of several panels is marked, for the small screens.
window.addEventListener("load", () => {
  for (const figure of document.querySelectorAll(".cell_output img")) {
    const width = Number(figure.getAttribute("width")); // it may not be loaded yet
    figure.classList.toggle("wide", width > 700);
    figure.style.setProperty("--readable", `${0.7 * width}px`);
  }
  watchEdges();
});
