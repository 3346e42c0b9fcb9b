// What hands and keys do, the same in all views: a drag, the arrow keys, the keys of a slider.
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// hands: { start(event), move(event), end(event) }; to a drag that is called off, as by a page that
// scrolls, `end` comes without an event.
export function dragged(element, hands, signal) {
  let held = false;
  const acts = {
    pointerdown(event) {
      if (event.button) return;
      held = true;
      element.setPointerCapture(event.pointerId);
      hands.start?.(event);
    },
    pointermove: event => held && hands.move(event),
    pointerup: letGo,
    pointercancel: () => letGo(null),
  };
  function letGo(event) {
    if (held) hands.end?.(event);
    held = false;
  }
  for (const [kind, act] of Object.entries(acts)) element.addEventListener(kind, act, { signal });
}

// A drag that goes to wherever the pointer is: moved(event, ended), as above. A finger that lands may want
// to scroll the page: it counts when it moves sideways or lifts.
export function followed(element, moved, signal) {
  let landed; // where a finger did that may want to scroll
  dragged(element, {
    start: event => { landed = event.pointerType === "touch" && getComputedStyle(event.target).touchAction !== "none" && event; if (!landed) moved(event, false); },
    move(event) { if (landed && Math.abs(event.clientX - landed.clientX) <= Math.abs(event.clientY - landed.clientY)) return; landed = null; moved(event, false); },
    end: event => moved(event, true),
  }, signal);
}

// Where in an element a pointer is, down and to the right: from 0 to 1, as shares of its sides.
export function shares(event, element) {
  const edge = element.getBoundingClientRect();
  return [(event.clientY - edge.top) / edge.height, (event.clientX - edge.left) / edge.width];
}

export const within = (number, low, high) => Math.min(Math.max(number, low), high);

// The page's own keys, such as JupyterLab's, stay out of it.
export function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

// The way of an arrow key, [down, right]; undefined for all other keys.
export const arrow = event =>
  event.ctrlKey || event.metaKey || event.altKey ? undefined : ARROWS[event.key];

// Where a key takes a slider that is at `now` of 0 … last; undefined for other keys.
export function slid(event, now, last, step = 1) {
  const [down, right] = arrow(event) || [0, 0];
  const far = { PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity }[event.key] ?? right - down;
  if (!far) return undefined;
  swallow(event);
  return within(now + far * step, 0, last);
}
