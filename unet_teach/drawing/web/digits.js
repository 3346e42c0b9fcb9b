// Grids of numbers that a hand looks at. They are kept, with their nodes: another answer, or a
// hand, changes words, colours and one ring.
import { h, svg } from "./html.js";
import { outline, pixels } from "./pixels.js";
import { inkOn } from "./theme.js";

const READABLE = 18; // cells of a side that have room for numbers

// `look` hears of [row, column], but not by a hand that only points while something `isPlaying`.
export function digits(kind, { isPlaying, stop, look, ...options }) {
  const element = h("div", { class: kind }), known = new Map();
  const start = place => { stop(); look(place); };
  const hands = { point: place => isPlaying() || look(place), start, over: look };
  let now = null;
  function made(size, rim) {
    const grid = pixels({ rows: size, columns: size, hands, ...options }), ring = svg("path");
    const isIn = i => [Math.floor(i / size), i % size].every(place => place >= rim && place < size - rim);
    const places = Array.from({ length: size > READABLE ? 0 : size * size }, (_, i) => i).filter(isIn);
    const texts = places.map(i => svg("text", { x: (i % size) + 0.5, y: Math.floor(i / size) + 0.5 }));
    grid.overlay(...texts, ring);
    return { size, grid, ring, places, texts };
  }
  return {
    element,
    fit(size, rim = 0) { // without numbers in the rim
      const key = `${size} ${rim}`, before = now;
      if (!known.has(key)) known.set(key, made(size, rim));
      now = known.get(key);
      if (now !== before) element.replaceChildren(now.grid.element);
    },
    write(number, tint) {
      now.grid.paint(tint);
      now.places.forEach((i, at) => {
        const node = now.texts[at], words = String(number(i)).replace("-", "−");
        if (node.textContent !== words) node.textContent = words;
        node.style.fill = inkOn(tint(i));
      });
    },
    mark(ring, test) {
      now.ring.setAttribute("class", ring);
      now.ring.setAttribute("d", outline(now.size, now.size, i => test(Math.floor(i / now.size), i % now.size)));
    },
  };
}
