// Elements made in one line: h("p", { class: "said", onclick: act }, "words", another).
const SVG = "http://www.w3.org/2000/svg";

export function h(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child != null));
  return element;
}

// Words with their holes filled: fill("{a} and {b}", { a: 1, b: 2 }).
export function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
}

// What an element says, and as data-… the numbers of it; what stays is not written again, or a
// page would lay out anew, and a screen reader repeat it.
export function tell(element, words, data) {
  if (element.textContent !== words) element.textContent = words;
  Object.assign(element.dataset, data);
}

// Calls `act` as soon as an element has a size, and at each other one.
export function whenSized(element, act, signal) {
  const room = new ResizeObserver(act);
  room.observe(element);
  signal?.addEventListener("abort", () => room.disconnect());
}
