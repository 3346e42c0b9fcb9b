// Lesson 09: many small maps on one canvas that lies under their frames, and a cross over all of
// them. A canvas for each would be a layer for each, and every frame pays for every layer.
import { h, svg } from "../../drawing/web/html.js";
import { grey, heat, signed, thumbnail } from "../../drawing/web/image.js";

// px from a cross's middle to its ends; of a cell that is outlined; pixels of a sheet
const ARM = 7, CELL = 5, MOST = 8e6;

// Maps come as 0 to 248 between the ends of their scale, and 255 where they are no number.
const SCALES = { grey: grey(0, 248), heat: heat(0, 248), signed: signed(124) }, tables = {};
for (const [kind, scale] of Object.entries(SCALES))
  tables[kind] = Array.from({ length: 249 }, (_, n) => scale(kind === "signed" ? n - 124 : n));
export const colours = (kind, warning) => n => (n === 255 ? warning : tables[kind][n]);

// One map, large, with its cross; it is painted again and again.
export function picture(colour) {
  const shown = thumbnail({}), cell = h("b"), element = h("span", { class: "net-map" }, shown.element, cell, h("i"));
  function paint({ kind, shape: [rows, columns], data }) {
    const of = colours(kind, colour("warning"));
    element.style.aspectRatio = `${columns} / ${rows}`;
    cell.style.cssText = `--rows: ${rows}; --columns: ${columns}`;
    shown.paint(i => of(data[i]), rows, columns);
  }
  return { element, paint };
}

export function sheet(room, colour) {
  const canvas = h("canvas", { class: "net-sheet", "aria-hidden": "true" }), pen = canvas.getContext("2d");
  const arms = ["net-under", "net-over"].map(name => svg("path", { class: name }));
  const crosses = svg("svg", { class: "net-sheet net-crosses", "aria-hidden": "true" }, ...arms);
  const small = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  let places = [], at = [0.5, 0.5];
  room.prepend(canvas);
  room.append(crosses);

  // Items are [frame, { kind, shape, data }], where a frame is an element of the room.
  function draw(items) {
    const edge = room.getBoundingClientRect(), warning = colour("warning");
    if (!edge.width) return;
    const ratio = Math.min(window.devicePixelRatio || 1, Math.sqrt(MOST / (edge.width * edge.height)));
    places = items.map(([frame]) => frame.getBoundingClientRect()).map((place, i) => ({ shape: items[i][1].shape,
      x: place.left - edge.left, y: place.top - edge.top, wide: place.width, high: place.height }));
    canvas.width = Math.round(edge.width * ratio);
    canvas.height = Math.round(edge.height * ratio);
    pen.imageSmoothingEnabled = false;
    items.forEach(([, { kind, shape: [rows, columns], data }], i) => {
      const pixels = small.createImageData(columns, rows), of = colours(kind, warning);
      const whole = new Uint32Array(pixels.data.buffer);
      data.forEach((n, p) => { const [r, g, b] = of(n); whole[p] = r | (g << 8) | (b << 16) | (255 << 24); });
      if (small.canvas.width !== columns || small.canvas.height !== rows)
        Object.assign(small.canvas, { width: columns, height: rows }); // which makes it anew
      small.putImageData(pixels, 0, 0);
      const { x, y, wide, high } = places[i], ends = [x, y, x + wide, y + high].map(n => Math.round(n * ratio));
      pen.drawImage(small.canvas, ends[0], ends[1], ends[2] - ends[0], ends[3] - ends[1]);
    });
    crosses.setAttribute("viewBox", `0 0 ${edge.width} ${edge.height}`);
    cross(at);
  }
  // The cross of a place, shares of height and width, in every map; its arms end with the map. Where
  // cells are large the one that is read is outlined: the cross alone may be on a corner of four.
  function cross(share) {
    at = share;
    const path = places.map(({ x, y, wide, high, shape: [rows, columns] }) => {
      const right = x + at[1] * wide, down = y + at[0] * high, w = wide / columns, t = high / rows;
      const cell = `M${x + Math.floor(at[1] * columns) * w} ${y + Math.floor(at[0] * rows) * t}h${w}v${t}h${-w}z`;
      return `${w < CELL ? "" : cell}M${Math.max(x, right - ARM)} ${down}H${Math.min(x + wide, right + ARM)}`
        + `M${right} ${Math.max(y, down - ARM)}V${Math.min(y + high, down + ARM)}`;
    }).join("");
    for (const arm of arms) arm.setAttribute("d", path);
  }
  return { draw, cross };
}
