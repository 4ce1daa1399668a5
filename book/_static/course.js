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

// A figure of several panels is marked, for the small screens.
window.addEventListener("load", () => {
  for (const figure of document.querySelectorAll(".cell_output img")) {
    figure.classList.toggle("wide", figure.naturalWidth > 700);
  }
});
