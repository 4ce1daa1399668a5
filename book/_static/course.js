document.addEventListener("DOMContentLoaded", () => {
  // A formula and the full stop behind it stay on one line.
  for (const formula of document.querySelectorAll("span.math")) {
    const rest = formula.nextSibling;
    const mark = rest?.nodeType === Node.TEXT_NODE && rest.data.match(/^\S+/);
    if (!mark) continue;
    rest.splitText(mark[0].length);
    const pair = document.createElement("span");
    pair.className = "pair";
    formula.before(pair);
    pair.append(formula, rest);
  }

  // A reader who asked for less movement starts each video by hand.
  if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const video of document.querySelectorAll("video[autoplay]")) {
    video.removeAttribute("autoplay");
    video.pause();
  }
});

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
    figure.classList.toggle("wide", figure.naturalWidth > 700);
  }
  watchEdges();
});
