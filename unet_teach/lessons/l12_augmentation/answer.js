// `answer` of measure.py without a kernel: the same numbers, since computed in the same order, and the same words.
import { fill } from "../../drawing/web/html.js";
import { fixed, percent, sum } from "../../drawing/web/numbers.js";
import { unpacked } from "../../drawing/web/talk.js";

const SMALL = 1e-3; // a value as near to a class is that class

export default (settings, given) => {
  const { sigma, seed, mask } = settings, { side, far, knots, draws, net } = given;
  const pulls = knots.map((_, k) => [settings[`right${k}`], settings[`down${k}`]]), hand = pulls.flat();
  const isSet = given.strengths.includes(sigma) && Number.isInteger(seed) && seed >= 0 && seed < draws;
  if (!isSet || !given.masks.includes(mask) || !hand.every(n => Number.isFinite(n) && Math.abs(n) <= far)) return null;
  const drawn = unpacked(given.drawn).data, weights = unpacked(given.weights).data, size = side * side;
  const tissue = unpacked(given.tissue).data, image = tissue.subarray(0, size), labels = tissue.subarray(size);
  const vectors = hand.map((n, i) => sigma * drawn[hand.length * seed + i] + n);
  const others = hand.map((_, i) => sigma * drawn[hand.length * (draws + seed) + i]);
  const field = fieldOf(vectors, weights, side), own = mask === "own" ? fieldOf(others, weights, side) : field;
  const bent = read(image, field, side), kinds = read(labels, own, side, mask !== "bilinear");
  const isOwn = own !== field && own.some((n, i) => n !== field[i]), folded = foldedOf(field, side);
  const classes = kinds.map(n => Math.min(n, 1 - n) > SMALL ? 2 : n >= 0.5);
  const packed = (numbers, shape = [side, side], [dtype, type] = ["uint8", Uint8Array]) =>
    ({ dtype, shape, bytes: new DataView(type.from(numbers).buffer) });
  const pairs = numbers => knots.map((_, k) => [0, 1].map(axis => rint(100 * numbers[2 * k + axis]) / 100));
  const due = isOwn ? read(labels, field, side, true) : kinds; // the walls by the image's own field
  const [dark, light] = means(bent, kinds), [one, other] = means(bent, due);
  const strays = classes.filter(kind => kind === 2).length, folds = sum(folded) / size, int16 = ["int16", Int16Array];
  const tenths = net.flatMap(y => net.flatMap(x => [0, 1].map(axis => rint(10 * field[2 * (y * side + x) + axis]))));
  const steps = each(size, i => sum([[1, i % side < side - 1], [side, i < size - side]].map(([next, is], axis) => is && (field[2 * (i + next) + axis] - field[2 * i + axis] - 1) ** 2)));
  const backwards = field.filter((_, i) => folded[i >> 1]).map(rint), value = kinds.find(n => Math.abs(n - 0.5) < 0.5 - SMALL) ?? 0;
  const found = {
    vectors: pairs(vectors), others: isOwn ? pairs(others) : [], net: packed(tenths, [net.length, net.length, 2], int16),
    image: packed(bent.map(n => Math.trunc(n * given.shades / 256) * (255 / (given.shades - 1)))),
    classes: packed(classes), folded: packed(folded), backwards: packed(backwards, [backwards.length / 2, 2], int16),
    folds, stretch: Math.sqrt(sum(steps) / 2 / (size - side)), strays, dark, light, fits: !folds && !strays && !isOwn,
  };
  return { ...found, ...inWords(settings, found, { pulls, isOwn, one, other, value, folded }, given) };
};

// Halves to even, as numpy rounds.
const rint = n => n - Math.floor(n) === 0.5 ? 2 * Math.round(n / 2) : Math.round(n);
const means = (numbers, kinds) => [true, false] // under the walls, and elsewhere
  .map(isWall => numbers.filter((_, i) => kinds[i] < 0.5 === isWall)).map(some => sum(some) / (some.length || 1));

// The rest is one number for each pixel, row by row; of a field two, column and row.
const each = (count, of) => new Float64Array(count).map((_, i) => of(i));
function fieldOf(vectors, weights, side) {
  const mixed = (i, a, b, c) => weights[3 * i] * a + weights[3 * i + 1] * b + weights[3 * i + 2] * c;
  return each(2 * side * side, i => {
    const axis = i % 2, row = Math.floor(i / (2 * side)), column = Math.floor(i / 2) % side;
    const across = at => mixed(column, vectors[at], vectors[at + 2], vectors[at + 4]);
    return mixed(row, across(axis), across(6 + axis), across(12 + axis)) + (axis ? row : column);
  });
}
function read(map, field, side, isNearest) { // mirrored beyond the border
  const last = side - 1;
  return each(side * side, i => {
    const away = Math.abs(field[2 * i]) % (2 * last), down = Math.abs(field[2 * i + 1]) % (2 * last);
    const column = Math.min(away, 2 * last - away), row = Math.min(down, 2 * last - down);
    if (isNearest) return map[rint(row) * side + rint(column)];
    const left = Math.floor(column), top = Math.floor(row), x = column - left, y = row - top;
    const right = Math.min(left + 1, last), bottom = Math.min(top + 1, last);
    const above = map[top * side + left] * (1 - x) + map[top * side + right] * x;
    const below = map[bottom * side + left] * (1 - x) + map[bottom * side + right] * x;
    return above * (1 - y) + below * y;
  });
}
function foldedOf(field, side) { // 1 where right and below have changed sides
  return each(side * side, i => {
    const row = Math.min(Math.floor(i / side), side - 2), at = 2 * (row * side + Math.min(i % side, side - 2));
    const below = at + 2 * side, right = field[at + 2] - field[at], down = field[below + 1] - field[at + 1];
    return right * down - (field[at + 3] - field[at + 1]) * (field[below] - field[at]) <= 0;
  });
}

function inWords({ sigma, seed, mask }, found, more, { says, paper: [paper, tile], side, strengths, folding, pairs }) {
  const { vectors, folds, strays, stretch, dark, light } = found, { pulls, isOwn, one, other, value, folded } = more;
  const moved = pulls.filter(pull => pull.some(Boolean)), [pull = [0, 0]] = moved;
  const axis = Number(Math.abs(pull[1]) > Math.abs(pull[0])), isBack = Number(pull[axis] < 0);
  const [way, back] = [isBack, 1 - isBack].map(i => says[[["right", "left"], ["down", "up"]][axis][i]]);
  const near = pairs.filter(([, , , start, step]) => folded.some((is, i) => is && i >= start && i < start + 40 * step && (i - start) % step === 0)) // a fold between them
    .map(([a, b, axis]) => [vectors[a - 1][axis] - vectors[b - 1][axis], a, b]).sort((one, two) => two[0] - one[0]);
  const [[nearer, a, b] = [0, 0, 0]] = near, gap = (side - 1) / 2, isNone = mask === "own" && !isOwn, passed = near.filter(([n]) => n >= gap).slice(0, 3);
  const isLittle = light - dark > 0.8 * (other - one), isGentle = sigma < 1.1 * paper * side / tile;
  const is = { folded: folds, other: isOwn, no_class: strays, none: isNone, same: found.fits && !isNone };
  const seen = Object.keys(is).filter(name => is[name]);
  const why = folds ? passed.length ? "passed" : near.length ? "steep" : "apart" : isOwn ? isLittle ? "near" : "far" : strays ? "between"
    : moved.length ? moved.length > 1 ? "pulled" : "moved" : !sigma ? "still" : isGentle ? "gentle" : "strong";
  const rounded = Object.entries({ dark, light, one, other, nearer, there: sigma * tile / side });
  const told = { ...Object.fromEntries(rounded.map(([name, number]) => [name, fixed(number, 0)])), sigma, draw: seed + 1,
    n: pulls.indexOf(pull) + 1, a, b, way, back, strays, value: fixed(value, 2), stretch: percent(stretch, 0), folds: percent(folds, 1),
    count: folding[strengths.indexOf(sigma)], pairs: passed.map(([n, a, b]) => fill(says.pair, { a, b, by: fixed(n - gap, 1) })).join(", ") };
  const verdict = seen.map(name => fill(says[name], told)).join(" "), because = fill(says[why], told);
  const tally = fill(says[!sigma ? "unbent" : moved.length ? "pulls" : "draw"], told);
  return { verdict, because, tally, said: fill(says.said, { ...told, verdict, because, tally }) };
}
