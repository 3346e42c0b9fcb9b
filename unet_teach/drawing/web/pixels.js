// A grid of pixels that can be pointed at, pressed, and painted over by mouse, touch and keys.
// A pixel of the canvas is a pixel of the data; the page enlarges it, and lines and words lie
// over it as SVG, in units of one pixel.
import { h, svg } from "./html.js";
import { paintInto } from "./image.js";

// hands: { point(place, touch), leave(), start(place, touch), over(place), end(), cancel(),
//          key(event, place) → the place to go to, or nothing }; a place is [row, column].
export function pixels({ rows, columns, label, keys, most = 520, hands = {}, signal }) {
  const canvas = h("canvas", { width: columns, height: rows, "aria-hidden": "true" });
  const layer = svg("svg", { viewBox: `0 0 ${columns} ${rows}`, "aria-hidden": "true" });
  const cursor = svg("rect", { class: "unet-cursor", width: 1, height: 1 });
  const help = h("span", { class: "unet-hidden", id: `unet-keys-${Math.random().toString(36).slice(2)}` }, keys);
  const frame = h("div", { class: "unet-pixels", tabindex: 0, role: "application",
    "aria-label": label, "aria-describedby": help.id }, canvas, layer);
  const element = h("div", { class: "unet-pixels-room" }, frame, help);
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
  let here = [rows >> 1, columns >> 1], last = null, waiting = null, size = 1;

  // Each pixel as wide as the others: a whole number of the screen's own pixels, unless that is 1
  // and much of the room would stay empty.
  function fit() {
    const room = Math.min(element.clientWidth, most), ratio = window.devicePixelRatio || 1;
    if (!room) return;
    const wide = (room * ratio) / columns;
    size = Math.max(1, wide < 2 ? wide : Math.floor(wide)) / ratio;
    frame.style.width = `${size * columns}px`;
    frame.style.height = `${size * rows}px`;
    frame.style.setProperty("--cell", size);
  }
  const room = new ResizeObserver(fit);
  room.observe(element);
  signal.addEventListener("abort", () => room.disconnect());

  const inside = ([row, column]) => row >= 0 && row < rows && column >= 0 && column < columns;
  function at(event) {
    const edge = frame.getBoundingClientRect();
    return [Math.floor(((event.clientY - edge.top) / edge.height) * rows),
      Math.floor(((event.clientX - edge.left) / edge.width) * columns)];
  }
  function goTo(place) {
    here = place;
    cursor.setAttribute("x", place[1]);
    cursor.setAttribute("y", place[0]);
  }
  function overLine(to) {
    const steps = Math.max(Math.abs(to[0] - last[0]), Math.abs(to[1] - last[1]));
    for (let i = 1; i <= steps; i++) {
      const place = [0, 1].map(axis => Math.round(last[axis] + ((to[axis] - last[axis]) * i) / steps));
      if (inside(place)) hands.over?.(place);
    }
    last = to;
  }
  // A finger that lands may want to scroll the page: it counts when it lifts or moves sideways.
  frame.addEventListener("pointerdown", event => {
    if (event.button) return;
    const place = at(event), touch = event.pointerType === "touch";
    if (!inside(place)) return;
    frame.setPointerCapture(event.pointerId);
    goTo(place);
    last = place;
    if (touch) waiting = place;
    else hands.start?.(place, false);
  });
  frame.addEventListener("pointermove", event => {
    const place = at(event);
    if (!last) return inside(place) && hands.point?.(place, event.pointerType === "touch");
    if (String(place) === String(last)) return;
    if (waiting) hands.start?.(waiting, true);
    waiting = null;
    overLine(place);
  });
  frame.addEventListener("pointerup", () => {
    if (!last) return;
    if (waiting) hands.start?.(waiting, true);
    last = waiting = null;
    hands.end?.();
  });
  frame.addEventListener("pointercancel", () => {
    const begun = last && !waiting;
    last = waiting = null;
    if (begun) hands.cancel?.();
  });
  frame.addEventListener("pointerleave", () => !last && hands.leave?.());
  frame.addEventListener("focus", () => hands.point?.(here, false));
  frame.addEventListener("blur", () => hands.leave?.());
  frame.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 6 : 1;
    const move = { ArrowUp: [-step, 0], ArrowDown: [step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] };
    let place = move[event.key] && here.map((n, axis) =>
      Math.min(Math.max(n + move[event.key][axis], 0), (axis ? columns : rows) - 1));
    place ||= hands.key?.(event, here);
    if (!place && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault(); // the page's own keys, such as JupyterLab's, stay out of it
    event.stopPropagation();
    if (place) {
      goTo(place);
      hands.point?.(place, false);
    } else {
      hands.start?.(here, false);
      hands.end?.();
    }
  });

  function paint(colourOf) { paintInto(image, colourOf); context.putImageData(image, 0, 0); }
  function dot(place, colour) {
    context.fillStyle = `rgb(${colour.join(" ")})`;
    context.fillRect(place[1], place[0], 1, 1);
  }
  function overlay(...elements) { layer.replaceChildren(...elements, cursor); }
  goTo(here);
  overlay();
  return { element, frame, paint, dot, overlay, goTo, get cell() { return size; } };
}

// The outline of the pixels for which `test` holds, as the path of an SVG.
export function outline(rows, columns, test) {
  const held = (row, column) =>
    row >= 0 && row < rows && column >= 0 && column < columns && test(row * columns + column);
  let path = "";
  for (let row = 0; row <= rows; row++)
    for (let column = 0; column <= columns; column++) {
      const here = held(row, column);
      if (here !== held(row - 1, column)) path += `M${column} ${row}h1`;
      if (here !== held(row, column - 1)) path += `M${column} ${row}v1`;
    }
  return path;
}
