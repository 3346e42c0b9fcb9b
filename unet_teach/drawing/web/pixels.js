// A grid of pixels that can be pointed at, pressed, and painted over by mouse, touch and keys.
// A pixel of the canvas is a pixel of the data; the page enlarges it, and lines and words lie
// over it as SVG, in units of one pixel.
import { arrow, shares, swallow, within } from "./hands.js";
import { h, svg, whenSized } from "./html.js";
import { painter } from "./image.js";

// hands: { point(place, touch), leave(), start(place, touch), over(place), end(), cancel(),
//          key(event, place) → the place to go to, or nothing }; a place is [row, column].
// What a view does itself at such a key: { arrow([down, right], far), enter() }.
export function pixels({ rows, columns, label, keys, most = 520, hands = {}, signal }) {
  const canvas = h("canvas", { width: columns, height: rows, "aria-hidden": "true" });
  const layer = svg("svg", { viewBox: `0 0 ${columns} ${rows}`, "aria-hidden": "true" });
  const cursor = svg("rect", { class: "unet-cursor", width: 1, height: 1 });
  const help = h("span", { class: "unet-hidden", id: `unet-keys-${Math.random().toString(36).slice(2)}` }, keys);
  const frame = h("div", { class: "unet-pixels", tabindex: 0, role: "application",
    "aria-label": label, "aria-describedby": help.id }, canvas, layer);
  const element = h("div", { class: "unet-pixels-room" }, frame, help);
  const context = canvas.getContext("2d"), sides = [rows, columns];
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
  whenSized(element, fit, signal);

  const inside = place => place.every((n, axis) => n >= 0 && n < sides[axis]);
  const at = event => shares(event, frame).map((share, axis) => Math.floor(share * sides[axis]));
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
    const way = arrow(event), far = event.shiftKey ? 6 : 1;
    const place = way ? here.map((n, axis) => within(n + far * way[axis], 0, sides[axis] - 1)) : hands.key?.(event, here);
    if (!place && event.key !== "Enter" && event.key !== " ") return;
    swallow(event);
    if (way && hands.arrow) hands.arrow(way, far);
    else if (place) {
      goTo(place);
      hands.point?.(place, false);
    } else if (hands.enter) hands.enter();
    else {
      hands.start?.(here, false);
      hands.end?.();
    }
  });

  function dot(place, colour) {
    context.fillStyle = `rgb(${colour.join(" ")})`;
    context.fillRect(place[1], place[0], 1, 1);
  }
  function overlay(...elements) { layer.replaceChildren(...elements, cursor); }
  // For the overlay: a line around the pixels for which `test` holds.
  const ring = (test, attributes) => svg("path", { d: outline(rows, columns, test), ...attributes });
  goTo(here);
  overlay();
  return { element, frame, paint: painter(canvas), dot, overlay, ring, goTo, get cell() { return size; } };
}

// The outline of the pixels for which `test` holds, as the path of an SVG.
export function outline(rows, columns, test) {
  const wide = columns + 1, held = new Uint8Array((rows + 1) * wide); // with a margin, right and below
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      if (test(row * columns + column)) held[row * wide + column] = 1;
  let path = "";
  for (let i = 0; i < held.length; i++) {
    if (held[i] !== (held[i - wide] || 0)) path += `M${i % wide} ${Math.floor(i / wide)}h1`;
    if (held[i] !== (held[i - 1] || 0)) path += `M${i % wide} ${Math.floor(i / wide)}v1`;
  }
  return path;
}
