// Axes for curves and histograms, with a cursor that can be a handle: dragged by mouse and
// finger, moved by arrow keys, from stop to stop.
//
//   const chart = axes({ label, x: { low: 0, high: 1, ticks: [[0, "0"], [1, "1"]], title }, y: {…} });
//   chart.draw({ lines: [{ points: [[0, 0.2], [1, 0.4]], colour: "…", name: "loss" }] });
import { h, svg } from "./html.js";

const LEFT = 46, RIGHT = 14, TOP = 12, BOTTOM = 40;

// x and y: { low, high, ticks: [[number, words]], title, log: true where wanted }.
// handle: { stops: [number], value, moved(value, ended), label, text(value) }.
export function axes({ label, x, y, height = 190, handle = null, signal }) {
  const drawing = svg("svg", { role: "img", "aria-label": label });
  const grip = handle && h("div", { class: "unet-handle", role: "slider", tabindex: 0,
    "aria-label": handle.label, "aria-valuemin": 0, "aria-valuemax": handle.stops.length - 1 }, h("i"));
  const element = h("div", { class: "unet-axes", style: `height:${height}px` }, drawing, grip);
  let width = 0, shown = {}, value = handle?.value, held = false;

  const share = (axis, number) => axis.log
    ? Math.log(number / axis.low) / Math.log(axis.high / axis.low)
    : (number - axis.low) / (axis.high - axis.low);
  const across = number => LEFT + share(x, number) * (width - LEFT - RIGHT);
  const up = number => height - BOTTOM - share(y, number) * (height - TOP - BOTTOM);

  function frame() {
    const right = width - RIGHT, floor = height - BOTTOM;
    const parts = [svg("path", { class: "unet-axis", d: `M${LEFT} ${TOP}V${floor}H${right}` })];
    for (const [number, words] of y.ticks || []) {
      parts.push(svg("path", { class: "unet-grid", d: `M${LEFT} ${up(number)}H${right}` }));
      parts.push(svg("text", { x: LEFT - (grip ? 14 : 6), y: up(number) + 4, "text-anchor": "end" }, words));
    }
    for (const [number, words] of x.ticks || [])
      parts.push(svg("text", { x: across(number), y: floor + (grip ? 21 : 16), "text-anchor": "middle" }, words));
    if (x.title) parts.push(svg("text", { class: "unet-axis-title", x: (LEFT + right) / 2, y: height - 5, "text-anchor": "middle" }, x.title));
    if (y.title) parts.push(svg("text", { class: "unet-axis-title", x: LEFT + 5, y: TOP + 5 }, y.title));
    return parts;
  }
  function redraw() {
    if (!width) return;
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const parts = frame();
    for (const [from, to, top, colour] of shown.bars || [])
      parts.push(svg("rect", { x: across(from), width: Math.max(0.5, across(to) - across(from)),
        y: up(top), height: Math.max(0, up(y.log ? y.low : Math.max(0, y.low)) - up(top)), fill: colour }));
    for (const { points, colour, dash, name, words, above } of shown.lines || []) {
      parts.push(svg("path", { class: "unet-curve", stroke: colour, "stroke-dasharray": dash, "data-name": name,
        d: points.map(([a, b], i) => `${i ? "L" : "M"}${across(a).toFixed(1)} ${up(b).toFixed(1)}`).join("") }));
      if (words)
        parts.push(svg("text", { class: "unet-name", x: width - RIGHT, "text-anchor": "end",
          y: up(points.at(-1)[1]) + (above ? -4 : 13) }, words));
    }
    for (const { at, colour, r = 4 } of shown.dots || [])
      parts.push(svg("circle", { cx: across(at[0]), cy: up(at[1]), r, fill: colour }));
    if (shown.cursor != null)
      parts.push(svg("path", { class: "unet-at", d: `M${across(shown.cursor)} ${TOP}V${height - BOTTOM}` }));
    drawing.replaceChildren(...parts);
    if (grip) grip.style.left = `${across(value)}px`;
  }
  // What is drawn: { lines: [{ points, colour, dash, name, words, above }], bars: [[from, to, top, colour]],
  // dots: [{ at: [x, y], colour, r }], cursor: x }. A line's words stand at its right end, above
  // or below it.
  function draw(what) { shown = what; redraw(); }
  function set(next) {
    if (!grip) return;
    value = next;
    const place = handle.stops.indexOf(next), words = (handle.text || String)(next);
    grip.setAttribute("aria-valuenow", place);
    grip.setAttribute("aria-valuetext", words);
    grip.dataset.value = next;
    if (width) grip.style.left = `${across(next)}px`;
  }
  function move(next, ended) {
    const isNew = next !== value;
    set(next);
    if (isNew || ended) handle.moved(next, ended);
  }
  function follow(event) {
    const edge = element.getBoundingClientRect(), at = event.clientX - edge.left;
    move(handle.stops.reduce((a, b) => Math.abs(across(b) - at) < Math.abs(across(a) - at) ? b : a));
  }
  if (grip) {
    element.addEventListener("pointerdown", event => {
      if (event.button) return;
      held = true;
      element.setPointerCapture(event.pointerId);
      if (event.pointerType !== "touch") follow(event); // a finger may want to scroll the page
    }, { signal });
    element.addEventListener("pointermove", event => held && follow(event), { signal });
    for (const ended of ["pointerup", "pointercancel"])
      element.addEventListener(ended, event => {
        if (held && ended === "pointerup") follow(event);
        if (held) handle.moved(value, true);
        held = false;
      }, { signal });
    grip.addEventListener("keydown", event => {
      const last = handle.stops.length - 1, now = handle.stops.indexOf(value);
      const to = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1,
        PageDown: now - 10, PageUp: now + 10, Home: 0, End: last }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      move(handle.stops[Math.min(Math.max(to, 0), last)], true);
    }, { signal });
    set(value);
  }
  const room = new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    redraw();
  });
  room.observe(element);
  signal?.addEventListener("abort", () => room.disconnect());
  return { element, draw, set, across, up };
}
