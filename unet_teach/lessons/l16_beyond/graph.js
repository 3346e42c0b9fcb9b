// A skip graph as a drawing with hands: where its nodes are, how its edges run, and what is
// pointed at, taken and joined.
import { arrow, swallow } from "../../drawing/web/hands.js";
import { h, svg, whenSized } from "../../drawing/web/html.js";

const MOUSE = 9, FINGER = 18; // how far an edge may be from a mouse, from a finger, in CSS px

// "0,0,1,2" is the edge from node 0,0 to node 1,2.
export const ends = key => {
  const [a, b, c, d] = key.split(",").map(Number);
  return [[a, b], [c, d]];
};

// Each level begins half a step further to the right, as in U-Net++'s figure 1.
function layout(depth, width) {
  const left = width < 420 ? 54 : 64, right = 40, step = Math.min((width - left - right) / (2 * depth), 84);
  const radius = Math.min(Math.max(step * 0.42, 19), 25), down = Math.min(Math.max(step * 1.35, 74), 104);
  const bow = steps => (steps === 1 ? 0 : down * (0.13 + 0.15 * steps));
  const top = bow(depth) + radius + 8, start = Math.max(left, (width - 2 * depth * step) / 2);
  const of = ([level, column]) => [start + step * (level + 2 * column), top + down * level];
  const nodes = Array.from({ length: depth + 1 }, (_, level) => Array.from({ length: depth + 1 - level }, (__, column) => {
    const node = [level, column], [x, y] = of(node);
    return { node, x, y };
  })).flat();
  return { nodes, of, radius, bow, height: top + down * depth + radius + 10 };
}

// Straight between neighbours, else a bow around the nodes that lie between; from rim to rim.
// Two edges that run both ways, `beside` each other, are kept apart.
function curve({ of, radius, bow }, start, end, beside) {
  const [x1, y1] = of(start), [x2, y2] = of(end), length = Math.hypot(x2 - x1, y2 - y1);
  const steps = Math.max(Math.abs(end[0] - start[0]), Math.abs(end[1] - start[1]));
  const side = start[0] > end[0] || x2 < x1 ? -1 : 1; // ways up bow outwards, ways back below
  const out = 2 * (beside ? 11 : side * bow(steps));
  const x = (x1 + x2) / 2 + out * ((y2 - y1) / length), y = (y1 + y2) / 2 - out * ((x2 - x1) / length);
  const rim = (a, b, gap) => {
    const far = Math.hypot(x - a, y - b);
    return [a + ((x - a) * gap) / far, b + ((y - b) * gap) / far];
  };
  const [a, b] = [rim(x1, y1, radius + 1), rim(x2, y2, radius + 3)], far = Math.hypot(b[0] - x, b[1] - y);
  const [dx, dy] = [(b[0] - x) / far, (b[1] - y) / far];
  const wing = turn => `${b[0] - 8 * dx - 4.5 * turn * dy} ${b[1] - 8 * dy + 4.5 * turn * dx}`;
  const points = Array.from({ length: 21 }, (_, i) => {
    const t = i / 20, u = 1 - t;
    return [u * u * a[0] + 2 * u * t * x + t * t * b[0], u * u * a[1] + 2 * u * t * y + t * t * b[1]];
  });
  return { points, d: `M${a}Q${x} ${y} ${b}`, head: `M${b}L${wing(1)}L${wing(-1)}z` };
}

// acts: { toggle(edge), tell(key of a node or an edge, or null) → words for it, from(node) → words, say(words) }
export function drawing(label, signal, acts) {
  const picture = svg("svg", { tabindex: 0, role: "application", "aria-label": label });
  const element = h("div", { class: "graph-picture" }, picture);
  const band = svg("path", { class: "graph-band" });
  let places = null, shapes = new Map(), last = null, known = null, alive = null;
  let here = [0, 0], picked = null, held = null;

  // ------------------------------------------------------------------ hands and keys
  function where(event) {
    const edge = picture.getBoundingClientRect();
    return [event.clientX - edge.left, event.clientY - edge.top];
  }
  const nodeAt = ([x, y]) =>
    places.nodes.find(({ x: a, y: b }) => Math.hypot(a - x, b - y) < places.radius + 7)?.node;
  function edgeAt([x, y], touch) {
    let best = null, least = touch ? FINGER : MOUSE;
    for (const [key, { points }] of shapes)
      for (const [a, b] of points)
        if (Math.hypot(a - x, b - y) < least) [best, least] = [key, Math.hypot(a - x, b - y)];
    return best;
  }
  function press(node) { // by keys: one node and then another joins them, or parts them
    const first = picked, other = first && String(first) !== String(node);
    picked = first ? null : node;
    if (other) return acts.toggle(`${first},${node}`);
    draw(...last);
    acts.say(picked ? acts.from(node) : acts.tell(String(node)));
  }
  function follow(event) {
    const place = where(event), node = nodeAt(place);
    if (held?.from) {
      held.over = node && String(node) !== String(held.from) ? node : null;
      held.far ||= Math.hypot(place[0] - held.place[0], place[1] - held.place[1]) > 6;
      if (held.far) band.setAttribute("d", `M${places.of(held.from)}L${held.over ? places.of(node) : place}`);
      return point(String(held.over || held.from));
    }
    const edge = node ? null : edgeAt(place, event.pointerType === "touch");
    picture.style.cursor = node ? "grab" : edge ? "pointer" : "default";
    point(node ? String(node) : edge);
  }
  function point(key) {
    for (const one of picture.querySelectorAll("[data-key]"))
      one.classList.toggle("graph-hover", one.dataset.key === key);
    acts.tell(key);
  }
  function letGo() { held = picked = null; band.setAttribute("d", ""); }
  const hands = {
    pointerdown(event) {
      if (event.button) return;
      const place = where(event), from = nodeAt(place), isTouch = event.pointerType === "touch";
      const edge = from ? null : edgeAt(place, isTouch); // a mouse has read what it clicks, a finger reads first
      const isRead = !isTouch || last[0].problem || picture.querySelector(".graph-hover")?.dataset.key === edge;
      held = { from, place, edge, isRead };
      if (!from) return;
      here = from;
      picture.setPointerCapture(event.pointerId);
    },
    touchstart: event => nodeAt(where(event.touches[0])) && event.preventDefault(), // elsewhere a finger scrolls
    pointermove: follow,
    pointerup(event) {
      if (!held) return;
      const { from, over, edge, isRead } = held, drawn = over && `${from},${over}`, kind = last[1].get(drawn);
      const isClicked = edge && edge === edgeAt(where(event), event.pointerType === "touch");
      letGo();
      if (drawn ? !kind || kind === "gone" : isClicked && isRead) acts.toggle(drawn || edge);
      else point(drawn || (from ? String(from) : edge));
    },
    pointercancel: letGo,
    pointerleave: event => held || event.pointerType === "touch" || point(null),
    keydown(event) {
      const way = arrow(event), to = way && here.map((n, axis) => n + way[axis]);
      const enter = event.key === "Enter" || event.key === " ";
      if (event.ctrlKey || event.metaKey || !to && !enter && event.key !== "Escape") return;
      swallow(event);
      if (enter) return press(here);
      if (!to) picked = null;
      else if (places.nodes.some(({ node }) => String(node) === String(to))) here = to;
      draw(...last);
      acts.say(acts.tell(String(here)));
    },
  };
  for (const [kind, act] of Object.entries(hands)) picture.addEventListener(kind, act, { signal, passive: false });
  whenSized(element, () => last && picture.viewBox.baseVal.width !== element.clientWidth && draw(...last), signal);

  // ------------------------------------------------------------------ what is drawn
  // edges: Map of key → kind, "spare", "gone" or "pending"
  function draw(found, edges) {
    last = [found, edges];
    const width = element.clientWidth || 560, { depth } = found.settings;
    places = layout(depth, width);
    if (here[0] + here[1] > depth) [here, picked] = [[0, 0], null];
    const wrong = new Set((found.wrong || []).map(String)), lacking = String(found.lacking);
    const nodes = new Map((found.nodes || []).map(facts => [String(facts.node), facts]));
    const joined = new Set([...edges.keys()].flatMap(ends).map(String));
    shapes = new Map();
    const parts = [...edges].map(([key, kind]) => {
      const [start, end] = ends(key), shape = curve(places, start, end, edges.has(`${end},${start}`));
      shapes.set(key, shape);
      const look = ["graph-edge", `graph-${kind}`, known && !known.has(key) ? "graph-new" : "",
        wrong.has(key) || kind === "gone" && found.problem ? "graph-wrong" : ""];
      return svg("g", { class: look.join(" "), "data-key": key },
        svg("path", { class: "graph-line", pathLength: kind === "spare" || kind === "gone" ? null : 1, d: shape.d }),
        svg("path", { class: "graph-tip", d: shape.head }));
    });
    for (const { node, x, y } of places.nodes) {
      const key = String(node), facts = nodes.get(key), there = facts || found.problem && joined.has(key);
      const look = ["graph-node", there ? node[1] ? "graph-made" : "graph-path" : "graph-absent",
        lacking === key ? "graph-wrong" : "", facts && alive && !alive.has(key) ? "graph-born" : "",
        key === String(picked) ? "graph-picked" : "", key === String(here) ? "graph-here" : ""];
      if (facts) parts.unshift(svg("circle", { cx: x, cy: y, r: places.radius + 24 * facts.share, class: "graph-work" })); // below arrows
      parts.push(svg("g", { class: look.join(" "), "data-key": key, transform: `translate(${x} ${y})` },
        svg("circle", { r: places.radius + 5, class: "graph-ring" }),
        svg("circle", { r: there ? places.radius : 15 }),
        svg("text", { y: facts ? -3 : 4 }, `X${node}`),
        facts ? svg("text", { y: 12, class: "graph-channels" }, String(facts.channels)) : null,
        found.heads.some(head => String(head) === key)
          ? svg("text", { x: places.radius + 9, y: 6, class: "graph-output" }, "▸") : null));
    }
    (found.sides || []).forEach((side, level) => parts.push(
      svg("text", { class: "graph-side", x: 2, y: places.of([level, 0])[1] + 4 }, `${side}²`)));
    picture.setAttribute("viewBox", `0 0 ${width} ${places.height}`);
    picture.replaceChildren(...parts, band);
    element.dataset.edges = JSON.stringify([...edges]);
    known = new Set([...edges.keys()].filter(key => edges.get(key) !== "pending")); // these grow when the answer comes
    if (found.nodes) alive = new Set(nodes.keys());
  }
  return { element, draw };
}
