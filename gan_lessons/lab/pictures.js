// Pictures to keep: charts as an SVG document that needs no style sheet, or as a PNG; and texts.
(function () {
  "use strict";
  const { element, setAttributes: put } = GanLab;
  const { draw, symbols, textWidth } = GanLab.drawing;

  const LOOKS = [
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap",
    "stroke-linejoin", "paint-order", "font-size", "font-weight",
  ];

  /** A copy of an SVG element that needs no style sheet; what is hidden is left out. */
  function inlined(original) {
    const clone = original.cloneNode(false);
    for (const name of ["class", "style"]) clone.removeAttribute(name);
    if (["path", "text"].includes(original.localName)) {
      const style = getComputedStyle(original);
      put(clone, { style: LOOKS.map((p) => `${p}:${style.getPropertyValue(p)}`).join(";") });
    }
    for (const child of original.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) clone.append(child.data);
      else if (child.style.display !== "none") clone.append(inlined(child));
    }
    return clone;
  }

  /** Break a text into lines of at most `width` px. */
  function wrapped(text, width, size) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const longer = `${lines.at(-1)} ${word}`.trim();
      if (lines.at(-1) && textWidth(longer, size) > width) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines;
  }

  /** Title, legend and plot of one chart below each other: {node, width, height} in px. */
  function picture(chart) {
    if (!chart.figure.isConnected) throw new Error(`${chart.name} is not on the page`);
    chart.flush(true);
    const { width } = chart;
    const { color, fontFamily } = getComputedStyle(chart.figure);
    const node = draw("g", { fill: color, "font-family": fontFamily });
    const write = (words, x, y, look) =>
      node.append(draw("text", { x, y, ...look }, symbols(words)));
    const group = (original, x, y) => {
      const parts = inlined(original).childNodes;
      node.append(draw("g", { transform: `translate(${x} ${y})` }, parts));
    };
    let [x, y] = [0, 0];
    for (const line of chart.options.title ? wrapped(chart.options.title, width, 15) : []) {
      write(line, 0, (y += 20), { "font-size": 15, "font-weight": 600 });
    }
    y += 8;
    for (const item of chart.legend.children) {
      const lines = wrapped(item.label, width - 34, 13);
      const wide = 48 + Math.max(...lines.map((line) => textWidth(line, 13)));
      if (x && x + wide > width) [x, y] = [0, y + 20];
      group(item.querySelector("svg"), x, y + 3);
      lines.forEach((line, i) => write(line, x + 34, y + 13 + 20 * i, { "font-size": 13 }));
      y += 20 * (lines.length - 1);
      x += wide;
    }
    if (x) y += 26;
    group(chart.plot, 0, y);
    return { node, width, height: y + chart.box.height };
  }

  /** Charts below each other in one SVG document: {text, width, height}. */
  GanLab.svgOf = function (charts) {
    const pad = 12;
    const pictures = charts.map(picture);
    const width = 2 * pad + Math.max(...pictures.map((one) => one.width));
    const paper = getComputedStyle(charts[0].figure).getPropertyValue("--lab-paper").trim();
    const root = draw("svg", {}, [
      draw("title", {}, [charts.map((chart) => chart.options.title).join("; ")]),
      draw("desc", {}, [charts.map((chart) => chart.words).join("\n")]),
      draw("rect", { width: "100%", height: "100%", fill: paper || "white" }),
    ]);
    let height = pad;
    for (const one of pictures) {
      root.append(put(one.node, { transform: `translate(${pad} ${height})` }));
      height += one.height + pad;
    }
    put(root, { width, height, viewBox: `0 0 ${width} ${height}` });
    const text = new XMLSerializer().serializeToString(root);
    return { text: `<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`, width, height };
  };

  /** Draw an SVG document, two pixels for one, and return it as a PNG. */
  async function png({ text, width, height }) {
    const image = new Image();
    // A data: address works from file://, too, and leaves the canvas readable in every browser.
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = element("canvas", { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("it is too large");
    return blob;
  }

  function download(filename, blob) {
    const link = element("a", { href: URL.createObjectURL(blob), download: filename });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    return blob;
  }

  /**
   * Download charts, one below the other, as one picture: "svg", or "png" at twice the size.
   * @returns {Promise<Blob>} what was downloaded; rejected with an Error that says why not
   */
  GanLab.savePicture = async (charts, filename, type) => {
    if (!charts?.length) throw new Error("savePicture needs one chart or more");
    if (!["svg", "png"].includes(type)) throw new Error(`a picture is svg or png, not "${type}"`);
    const drawing = GanLab.svgOf(charts);
    let blob = new Blob([drawing.text], { type: "image/svg+xml" });
    if (type === "png") {
      blob = await png(drawing).catch((error) => {
        throw new Error(`This browser could not draw the PNG (${error.message}). Try the SVG.`);
      });
    }
    return download(filename, blob);
  };

  /** Download text, such as a table: saveText("run.csv", "text/csv", "step,loss\n"). */
  GanLab.saveText = async (filename, mime, text) => {
    if (typeof text !== "string") throw new Error(`saveText needs text, not ${typeof text}`);
    return download(filename, new Blob([text], { type: `${mime};charset=utf-8` }));
  };

  /**
   * Buttons that save `charts` as a picture and the numbers as a table.
   * `csv()` gives the text of the table, `say(text)` tells the reader what did not work.
   * `before()` is called first: a lab that draws late draws then.
   */
  GanLab.saveButtons = function (parent, { charts, name, csv, say, before = () => {} }) {
    const saving = (label, save) =>
      GanLab.button(parent, label, async () => {
        try {
          before();
          await save();
        } catch (error) {
          say(`Nothing was saved: ${error.message}`);
        }
      });
    for (const type of ["svg", "png"]) {
      saving(`Save picture (${type.toUpperCase()})`, () =>
        GanLab.savePicture(charts, `${name}.${type}`, type),
      );
    }
    saving("Save data (CSV)", () => GanLab.saveText(`${name}.csv`, "text/csv", csv()));
  };

  /** A table as CSV from {column: array}; all columns have the same length. */
  GanLab.csv = function (columns) {
    const names = Object.keys(columns);
    const rows = Array.from(columns[names[0]], (_, i) => names.map((name) => columns[name][i]));
    return [names, ...rows].map((row) => `${row.join(",")}\n`).join("");
  };
})();
