// `answer` of measure.py for a page without a kernel: the same numbers, the same sentences.
import { fill } from "../../drawing/web/html.js";
import { fixed, percent, sum, whole } from "../../drawing/web/numbers.js";
import { unpacked } from "../../drawing/web/talk.js";

export default ({ flipped, thinned }, given, words) => {
  const { shape, data: truth } = unpacked(given.truth), { sizes } = given, n = sizes.length;
  const isPlace = (place, i) => Number.isInteger(place) && place < truth.length && place > (flipped[i - 1] ?? -1);
  if (!flipped?.every?.(isPlace)) return null; // Python says what is wrong with these
  const changed = new Set(flipped), white = Uint8Array.from(truth, (neuron, i) => neuron > 0 !== changed.has(i));
  const { regions, count } = regionsOf(white, shape, thinned);
  const counts = new Int32Array((count + 1) * (n + 1)), at = (r, neuron) => counts[r * (n + 1) + neuron];
  truth.forEach((neuron, i) => counts[regions[i] * (n + 1) + neuron]++);
  const upTo = last => Array.from({ length: last }, (_, i) => i + 1), neurons = upTo(n), every = upTo(count);
  const largest = (list, size) => list.reduce((best, one) => (size(one) > (best && size(best)) ? one : best), 0);
  const owner = every.map(r => largest(neurons, neuron => at(r, neuron)));
  const home = neurons.map(neuron => largest(every, r => at(r, neuron))); // of most of it
  const main = neurons.map(neuron => largest(every, r => owner[r - 1] === neuron && at(r, neuron)));
  const merged = every.map(r => neurons.filter(neuron => home[neuron - 1] === r && 2 * at(r, neuron) > sizes[neuron - 1]))
    .filter(group => group.length > 1).sort((a, b) => a[0] - b[0]);
  const segments = every.filter(r => owner[r - 1]).sort((a, b) => owner[a - 1] - owner[b - 1] || a - b);
  const lost = neurons.map(neuron => at(0, neuron)), gone = sum(lost);
  const joint = neurons.flatMap(neuron => segments.flatMap((r, j) => at(r, neuron) ? [[neuron - 1, j, at(r, neuron)]] : []));
  const entries = joint.map(entry => entry[2]), columns = segments.map(r => sum(neurons.map(neuron => at(r, neuron))));
  const sums = { both: squares(entries) + gone, truth: squares(sizes), segments: squares(columns) + gone };
  const all = sum(sizes), term = c => -c / all * Math.log(c / all), entropy = list => sum(list.map(term)); // in nats
  const of = entropy(sizes) + entropy(columns) + gone * term(1), shared = of - entropy(entries) - gone * term(1);
  const drawn = flipped.filter(place => truth[place]).length, erased = flipped.length - drawn;
  const found = {
    white: packed(white, "uint8", shape), regions: packed(regions, "int16", shape), owner, merged, found: count, sums, drawn,
    pieces: every.filter(r => main[owner[r - 1] - 1] !== r), erased,
    wrong: flipped.length / truth.length, wrong_pixels: flipped.length, dice: 2 * (all - drawn) / (all + sum(white)),
    v_rand: 2 * sums.both / (sums.truth + sums.segments), v_info: Math.min(Math.max(0, 2 * shared / of), 1),
    table: { segments, neurons: segments.map(r => neurons.filter(neuron => at(r, neuron))), counts: joint, lost },
  };
  return { ...found, ...inWords(found, thinned, given, words) };
};

const squares = list => list.reduce((total, one) => total + one * one, 0);
const packed = (array, dtype, shape) => ({ dtype, shape, bytes: new DataView(array.buffer) });

// `components` and `thin` of unet_teach.metrics, on a grid with a border of −1 and rows of odd
// length, where pixels of even and of odd index are the two colours of a chessboard.
function regionsOf(white, [rows, columns], thinned) {
  const row = columns + 2 + (columns + 1) % 2, flat = new Int16Array(row * (rows + 2)).fill(-1);
  const sides = [-row, -1, 1, row], place = i => (Math.floor(i / columns) + 1) * row + i % columns + 1;
  const NEW = -2, stack = [];
  white.forEach((on, i) => { flat[place(i)] = on ? NEW : 0; });
  let count = 0;
  for (let i = 0; i < flat.length; i++) {
    if (flat[i] === NEW) stack.push([i, ++count]);
    while (stack.length) {
      const [here, number] = stack.pop();
      flat[here] = number;
      for (const side of sides) if (flat[here + side] === NEW) stack.push([here + side, number]);
    }
  }
  const beside = grown => new Set(grown.filter(i => flat[i] > 0).flatMap(i => sides.map(side => i + side).filter(j => flat[j] === 0)));
  let reached = thinned ? beside([...flat.keys()]) : new Set();
  for (; reached.size; reached = beside([...reached]))
    for (const here of [...reached].sort((a, b) => (a & 1) - (b & 1))) {
      const near = sides.map(side => flat[here + side]).filter(number => number > 0);
      flat[here] = near.every(number => number === near[0]) ? near[0] : -1;
    }
  return { count, regions: Int16Array.from(white, (_, i) => Math.max(flat[place(i)], 0)) };
}

// As `reason` and `in_words` of measure.py.
function reason(found, thinned, count) {
  const { both, truth, segments } = found.sums, joined = segments > both, torn = truth > both;
  const isWhole = !torn && !found.pieces.length && !found.drawn;
  if (!joined && !torn) return found.wrong_pixels ? "harmless" : "whole";
  if (isWhole && found.found === 1) return "all";
  if (isWhole && found.found === count - 1) return found.wrong_pixels === 1 ? "hole" : "holes";
  if (thinned && !found.erased && !found.merged.length && found.v_rand >= 0.99) return "thick";
  if (!thinned && !joined && sum(found.table.lost)) return "unthinned";
  return joined && torn ? "both" : joined ? "joined" : "torn";
}
function inWords(found, thinned, { sizes, says }, words) {
  const [a, b] = found.merged[0] || [], { both, truth, segments } = found.sums;
  const numbers = { found: found.found, n: sizes.length, a, b, size_a: sizes[a - 1], size_b: sizes[b - 1],
    erased: found.erased, drawn: found.drawn, lost: sum(found.table.lost),
    joined: (segments - both) / 2, torn: (truth - both) / 2, pairs: (truth - sum(sizes)) / 2 };
  const told = Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, whole(number, words)]));
  Object.assign(told, { groups: found.merged.map(group => group.join(" + ")).join("; "),
    right: percent(1 - found.wrong, 2), wrong: percent(found.wrong, 2), dice: fixed(found.dice, 4),
    v_rand: fixed(found.v_rand, 3), v_info: fixed(found.v_info, 3) });
  told.regions = fill(found.found === 1 ? says.one : says.many, told);
  told.verdict = fill(told.groups ? says.together : found.found === sizes.length ? says.apart : says.odd, told);
  told.because = fill(says[reason(found, thinned, sizes.length)], told);
  return { verdict: told.verdict, because: told.because, said: fill(says.said, told) };
}
