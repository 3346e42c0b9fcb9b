// Axes for curves and histograms, with a cursor that can be a handle: dragged by mouse and
// finger, moved by arrow keys, from stop to stop.
//
//   const chart = axes({ label, x: { low: 0, high: 1, ticks: [[0, "0"], [1, "1"]], title }, y: {…} });
//   chart.draw({ lines: [{ points: [[0, 0.2], [1, 0.4]], colour: "…", name: "loss" }] });
import { followed, slid } from "./hands.js";
import { h, svg, whenSized } from "./html.js";

const LEFT = 46, RIGHT = 14, TOP = 12, BOTTOM = 40;

// x and y: { low, high, ticks: [[number, words]], title, log: true where wanted }.
// handle: { stops: [number], value, moved(value, ended), label, text(value) }.
export function axes({ label, x, y, height = 190, handle = null, signal }) {
  const back = svg("g"), front = svg("g"), drawing = svg("svg", { role: "img", "aria-label": label }, back, front);
  const grip = handle && h("div", { class: "unet-handle", role: "slider", tabindex: 0,
    "aria-label": handle.label, "aria-valuemin": 0, "aria-valuemax": handle.stops.length - 1 }, h("i"));
  const element = h("div", { class: "unet-axes", style: `height:${height}px` }, drawing, grip);
  let width = 0, framed = "", shown = {}, value = handle?.value;

  const share = (axis, number) => axis.log
    ? Math.log(number / axis.low) / Math.log(axis.high / axis.low)
    : (number - axis.low) / (axis.high - axis.low);
  const across = number => LEFT + share(x, number) * (width - LEFT - RIGHT);
  const up = number => height - BOTTOM - share(y, number) * (height - TOP - BOTTOM);

  const text = (x, y, words, anchor, kind) => svg("text", { x, y, "text-anchor": anchor, class: kind }, words);
  function frame() {
    const right = width - RIGHT, floor = height - BOTTOM;
    return [
      svg("path", { class: "unet-axis", d: `M${LEFT} ${TOP}V${floor}H${right}` }),
      ...(y.ticks || []).flatMap(([number, words]) => [
        svg("path", { class: "unet-grid", d: `M${LEFT} ${up(number)}H${right}` }),
        text(LEFT - (grip ? 14 : 6), up(number) + 4, words, "end")]),
      ...(x.ticks || []).map(([number, words]) =>
        text(Math.min(across(number), width - 4 * `${words}`.length), floor + (grip ? 21 : 16), words, "middle")),
      text((LEFT + right) / 2, height - 5, x.title, "middle", "unet-axis-title"),
      text(LEFT + 5, TOP + 5, y.title, "start", "unet-axis-title")];
  }
  function bar([from, to, top]) {
    const right = Math.max(across(to), across(from) + 0.5), foot = up(y.log ? y.low : Math.max(0, y.low));
    return `M${across(from)} ${foot}V${Math.min(up(top), foot)}H${right}V${foot}z`;
  }
  function redraw() {
    if (!width) return;
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const now = JSON.stringify([width, x, y]), parts = [], { bars = [] } = shown;
    if (framed !== now) back.replaceChildren(...frame()); // setting words takes longest
    framed = now;
    for (const colour of new Set(bars.map(one => one[3])))
      parts.push(svg("path", { d: bars.filter(one => one[3] === colour).map(bar).join(""), style: `fill:${colour}` }));
    for (const { points, colour, dash, name, words, above } of shown.lines || []) {
      const d = points.map(([a, b]) => `${across(a).toFixed(1)} ${up(b).toFixed(1)}`).join("L");
      parts.push(svg("path", { class: "unet-curve", stroke: colour, "stroke-dasharray": dash, "data-name": name,
        d: d && `M${d}` }));
      if (words) parts.push(text(width - RIGHT, up(points.at(-1)[1]) + (above ? -4 : 13), words, "end", "unet-name"));
    }
    for (const { at, colour, r = 4 } of shown.dots || [])
      parts.push(svg("circle", { cx: across(at[0]), cy: up(at[1]), r, fill: colour }));
    if (shown.cursor != null)
      parts.push(svg("path", { class: "unet-at", d: `M${across(shown.cursor)} ${TOP}V${height - BOTTOM}` }));
    front.replaceChildren(...parts);
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
  if (grip) {
    followed(element, (event, ended) => {
      const at = event?.clientX - element.getBoundingClientRect().left, far = stop => Math.abs(across(stop) - at);
      move(event ? handle.stops.reduce((a, b) => far(b) < far(a) ? b : a) : value, ended);
    }, signal);
    grip.addEventListener("keydown", event => {
      const place = slid(event, handle.stops.indexOf(value), handle.stops.length - 1);
      if (place !== undefined) move(handle.stops[place], true);
    }, { signal });
    set(value);
  }
  whenSized(element, () => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    redraw();
  }, signal);
  return { element, draw, set, across, up };
}
