// `answer` of measure.py for a page without a kernel: the same graph, costs and sentences.
import { fill } from "../../drawing/web/html.js";
import { fixed, whole } from "../../drawing/web/numbers.js";
// An edge is "0,0,1,2", a node "0,0": sorted as text they are sorted as in Python.
const from = key => key.slice(0, 3), to = key => key.slice(4), flat = key => key.split(",").map(Number);
const named = node => `X${node}`, arrow = key => `${named(from(key))} → ${named(to(key))}`;
const kindOf = key => key[0] < key[4] ? "down" : key[0] > key[4] ? "up" : "skip";
const changed = (edges, key) => edges.includes(key) ? edges.filter(one => one !== key) : [...edges, key].sort();
const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);
const giga = n => n >= 1e10 ? fixed(n / 1e9, 1) : String(Number((n / 1e9).toPrecision(3)));
const signed = (n, said) => (n < 0 ? "−" : "+") + said(Math.abs(n));

export default (settings, given, words) => {
  const { kind, depth, deep, base, size } = settings, { says, presets } = given, edited = settings.edited?.map?.(String);
  const preset = presets[`${kind} ${depth} ${deep}`], isEdge = key => preset.places.includes(from(key)) && preset.places.includes(to(key));
  if (!preset?.because[base] || !given.sizes.includes(size) || !edited?.every(isEdge)) return null;
  const heads = preset.heads.map(String), edges = edited.reduce(changed, preset.edges), stuck = trouble(edges, heads, says);
  const gone = edited.filter(key => !edges.includes(key)), sides = Array.from({ length: depth + 1 }, (_, level) => size / 2 ** level);
  if (stuck) {
    const alive = leading(edges, heads).order, drawn = edges.filter(key => alive.includes(to(key)));
    return { ...stuck, sides, heads: preset.heads, edges: drawn.map(key => ({ edge: flat(key), kind: kindOf(key) })),
      gone: gone.filter(key => to(key) === String(stuck.lacking)).map(flat), offers: mends() };
  }
  function mends() {
    const singly = edited.filter(key => !trouble(changed(edges, key), heads, says)).slice(0, 3);
    const offer = (kept, told) => ({ ...settings, edited: kept.map(flat), words: told });
    return [...singly.map(key => offer(edited.filter(one => one !== key),
      fill(edges.includes(key) ? says.without : says.again, { edge: arrow(key) }))),
    ...(edited.length > 1 ? [offer([], says.bare)] : [])];
  }
  const graph = traced(edges, preset, settings), { nodes, parameters, work } = graph;
  const before = traced(preset.edges, preset, settings), of = Object.fromEntries(given.kinds)[kind];
  const plain = presets[`u_net ${depth} false`], unet = traced(plain.edges, plain, settings);
  const spare = edited.filter(key => edges.includes(key) && !graph.edges.some(one => one.key === key));
  const times = [parameters / unet.parameters, work / unet.work].map(n => Number(fixed(n, 4)));
  const told = { depth, size, p: whole(parameters, words), o: giga(work), a: fixed(times[0], 3), b: fixed(times[1], 3),
    name: edited.length ? fill(says.edited, { name: of }) : of,
    counted: fill(says.counted, { n: heads.length, nodes: nodes.length,
      edges: graph.edges.length, all: (depth + 1) * (depth + 2) / 2 }),
    because: edited.length ? difference(edited, graph, before, of, spare, says, words) : preset.because[base] };
  return { name: told.name, counted: told.counted, because: told.because, parameters, operations: work, work: told.o, times,
    nodes: nodes.map(({ node, into, work: part, ...one }) => ({ ...one, node: flat(node), inputs: into.length,
      work: giga(part), share: Number(fixed(part / work, 4)) })),
    edges: graph.edges.map(({ key, channels, price, labour }) => ({ edge: flat(key), kind: kindOf(key), channels, price,
      work: giga(labour), share: Number(fixed(labour / work, 4)) })),
    sides, heads: preset.heads,
    spare: spare.map(flat), gone: gone.map(flat), said: fill(says.said, told) };
};
// As `trouble` and `leading` of measure.py.
function trouble(edges, heads, says) {
  const { loop } = leading(edges, edges.map(to)), { order } = leading(edges, heads);
  if (loop) return { problem: fill(says.loop, { loop: loop.map(named).join(" → ") }), because: says.why_loop,
    lacking: null, wrong: loop.slice(1).map((node, i) => flat(`${loop[i]},${node}`)) };
  const [lacking] = order.filter(node => node !== "0,0" && !edges.some(key => to(key) === node)).sort();
  return lacking && { problem: fill(heads.includes(lacking) ? says.lacking_output : says.lacking, { node: named(lacking) }),
    because: says.why_lacking, lacking: flat(lacking), wrong: edges.filter(key => from(key) === lacking).map(flat) };
}
function leading(edges, wanted) { // to these: nodes, each after its inputs; and a loop, if there is one
  const order = [];
  let loop = null;
  function visit(node, path) {
    if (path.includes(node)) loop ||= [node, ...path.slice(0, path.indexOf(node) + 1)];
    if (path.includes(node) || order.includes(node)) return;
    edges.filter(key => to(key) === node).forEach(key => visit(from(key), [node, ...path]));
    order.push(node);
  }
  wanted.forEach(node => visit(node, []));
  return { order, loop };
}
// As `trace_graph`: nodes, their costs with those of the edges into them, and edges with what is there for their sake.
function traced(list, { projected, heads }, { depth, base, size }) {
  const conv = (weights, biases, level) => ({ parameters: weights + biases, work: 2 * weights * (size / 2 ** level) ** 2 });
  const total = parts => ({ parameters: sum(parts, one => one.parameters), work: sum(parts, one => one.work) });
  const width = ([level, column]) => projected && column ? base * (depth + 1) : base * 2 ** level;
  const edge = key => {
    const [start, , level, column] = flat(key), wide = width(flat(from(key))), isOwn = projected && column;
    const ups = Array.from({ length: Math.max(0, start - level) }, (_, i) => wide / 2 ** i); // each halves the channels
    const own = isOwn ? [conv(9 * wide * base, base, level)] : ups.map((now, i) => conv(2 * now ** 2, now / 2, start - i));
    const channels = isOwn ? base : wide / 2 ** ups.length, taken = conv(9 * channels * width([level, column]), 0, level);
    const { parameters: price, work: labour } = total([...own, taken]); // that are there for its sake
    return { key, channels, ...total(own), price, labour };
  };
  const nodes = leading(list, heads.map(String)).order.map(node => {
    const [level, column] = flat(node), channels = width([level, column]);
    const into = list.filter(key => to(key) === node).map(edge), joined = sum(into, one => one.channels) || 1;
    const blocks = projected && column ? [joined] : [joined, channels]; // what its convolutions read
    const costs = blocks.map(before => conv(9 * before * channels, channels, level));
    return { node, joined, channels, into, ...total([...into, ...costs]) };
  });
  const ends = heads.map(head => conv(2 * (projected ? 9 : 1) * width(head), 2, head[0]));
  return { nodes, edges: nodes.flatMap(one => one.into), ...total([...nodes, ...ends]) };
}
// As `_changed`.
function difference(edited, now, before, name, spare, says, words) {
  const todo = spare.slice(-1).map(key => fill(says.spare, { edge: arrow(key), end: named(to(key)) }));
  if (spare.length === edited.length) return todo.join(" ");
  if (edited.length === 1 && now.nodes.length === before.nodes.length) {
    const { key, channels, parameters, price, labour } = [...now.edges, ...before.edges].find(one => one.key === edited[0]);
    return fill(parameters ? `${says.costs} ${says.own}` : says.costs, { edge: arrow(key), name, n: channels,
      end: named(to(key)), own: now.nodes.find(one => one.node === to(key)).channels, p: whole(price, words), o: giga(labour),
      q: whole(parameters, words), share: fixed(100 * labour / before.work, 1) });
  }
  const p = signed(now.parameters - before.parameters, n => whole(n, words)), o = signed(now.work - before.work, giga);
  const only = ([one, other]) => one.nodes.map(({ node }) => node).filter(key => !other.nodes.some(({ node }) => node === key));
  const built = [["lost", before, now], ["won", now, before]].map(([word, ...both]) => [says[word], only(both).sort().map(named)]);
  return [fill(says.compared, { name, p, o }), ...built.flatMap(([told, nodes]) => nodes.length ? fill(told, { nodes: nodes.join(", ") }) : []),
    ...todo].join(" ");
}
