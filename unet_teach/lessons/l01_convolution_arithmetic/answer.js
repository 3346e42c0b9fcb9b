// `answer` of measure.py for a page without a kernel: the same numbers, the same sentences.
import { fill } from "../../drawing/web/html.js";

const upTo = count => Array.from({ length: count }, (_, i) => i);
const sum = list => list.reduce((total, one) => total + one, 0);
const same = (one, other) => String(one) === String(other);

export default (settings, given) => {
  const { n, kernel, s, p, d, way } = settings, { side, says, stops } = given, k = Math.sqrt(kernel?.length);
  const levers = Object.entries({ n: n === side ? 1 : n, k, s, p, d }), isSum = way === "sum";
  const isWeight = weight => Number.isInteger(weight) && Math.abs(weight) <= given.most;
  if (!levers.every(([name, stop]) => stops[name].includes(stop)) || !kernel.every(isWeight) || !(isSum || way === "max"))
    return null; // Python says what is wrong with these
  const problem = cannot(settings, given);
  if (problem) return { problem, offers: offers(settings, given) };
  const whole = n + 2 * p, free = whole - d * (k - 1) - 1, m = Math.floor(free / s) + 1, lost = free % s;
  const taps = upTo(m).map(cell => upTo(k).map(tap => cell * s + tap * d));
  const feeds = upTo(whole).map(place => upTo(m).filter(cell => taps[cell].includes(place)));
  const [top, left] = n === side ? [0, 0] : given.corner, nothing = isSum ? 0 : -1;
  const input = given.micrograph.slice(top, top + n).map(row => row.slice(left, left + n));
  const padded = feeds.map((_, y) => feeds.map((_, x) => input[y - p]?.[x - p] ?? nothing));
  const output = taps.map(rows => taps.map(columns => {
    let made = nothing;
    rows.forEach((y, i) => columns.forEach((x, j) => {
      made = isSum ? made + padded[y][x] * kernel[i * k + j] : Math.max(made, padded[y][x]);
    }));
    return made;
  }));
  const counts = feeds.slice(p, p + n).map(cells => cells.length);
  const read = Uint8Array.from(counts.flatMap(one => counts.map(other => one * other)));
  const found = {
    m, k, lost, input, output, taps, feeds, low: Math.min(...output.flat()), high: Math.max(...output.flat()),
    read: { dtype: "uint8", shape: [n, n], bytes: new DataView(read.buffer) },
    notes: [...(lost ? [says.lost[lost]] : []), ...(p ? [says.rim] : [])],
    formula: `m = ⌊(${n} + 2·${p} − ${d === 1 ? k : `${d}·(${k} − 1) − 1`}) / ${s}⌋ + 1 = ⌊${free} / ${s}⌋ + 1 = ${m}`,
  };
  if (isSum && n !== side)
    found.products = kernel.map((weight, i) => taps.map(rows => taps.map(columns =>
      weight * padded[rows[Math.floor(i / k)]][columns[i % k]])));
  const total = isSum ? sum(kernel) : 1, most = Math.max(found.high, -found.low) || 1;
  const shade = total <= 0 ? "signed" : isSum && Math.min(...kernel) < 0 ? "clipped" : total === 1 ? "same" : "white";
  found.shade = total <= 0 ? [-most, most] : [0, 9 * total];
  found.shade_words = fill(says[shade], { most: 9 * total });
  const numbers = { n, k, s, p, m, cost: d * (k - 1), free, places: free + 1, skipped: free + 1 - m,
    five: 5 * sum(kernel), total: sum(kernel), weight: kernel.find(weight => weight) };
  const told = Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, String(number).replace("-", "−")]));
  found.because = reasons(settings, given, k, m, free).map(reason => fill(says[reason], told)).join(" ");
  found.said = [fill(says.said, { ...found, n, s, p, d }), ...found.notes, found.because].join(" ");
  return found;
};

// As `_reasons` of measure.py.
function reasons({ n, kernel, s, p, d, way }, { named, kernels }, k, m, free) {
  if (way === "max") return m === 1 ? ["pooled"] : ["pooled", s > d * (k - 1) ? "apart" : "overlap"];
  const name = Object.keys(named).find(one => d === 1 && same(named[one], kernel));
  const used = [...kernel.keys()].filter(place => kernel[place]);
  if (name || !used.length) return [name || "zeros"];
  if (used.length === 1) return [2 * used[0] + 1 === k * k ? "copies" : "moves"];
  if (m === n && p && s === 1) return ["keeps"];
  if (s > 1 && free) return free % s ? ["skips", "edge"] : ["skips"];
  return [same(kernel, kernels[k - 1]) ? "right" : sum(kernel) ? "total" : "even"];
}
function cannot({ n, kernel, p, d, way }, { says }) {
  const k = Math.sqrt(kernel.length), reach = d * (k - 1) + 1, whole = n + 2 * p;
  if (reach > whole) return fill(says.spans[reach], { whole });
  return way === "max" && p > Math.floor(k / 2) ? says.reach : "";
}
// Settings that work and differ in one lever, as little as possible.
function offers(settings, given) {
  const change = (name, stop) => name === "k" ? { kernel: given.kernels[stop - 1] } : { [name]: stop };
  const best = (name, way) => given.stops[name].toSorted((a, b) => way * (a - b))
    .filter(stop => way * stop > way * { k: Infinity, ...settings }[name])
    .map(stop => ({ ...settings, ...change(name, stop), words: `${name} = ${stop}` })).find(one => !cannot(one, given));
  return [best("n", 1), best("p", 1), best("p", -1), best("d", -1), best("k", -1)].filter(Boolean);
}
