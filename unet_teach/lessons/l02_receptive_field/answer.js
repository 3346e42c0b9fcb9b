// `answer` of measure.py for a page without a kernel: the same wherever the cross is.
export default ({ depth, k, counts, row, column }, { answers, size }) => {
  const isPlace = place => Number.isInteger(place) && place >= 0 && place < size;
  const found = isPlace(row) && isPlace(column) && answers[`${depth} ${k}`];
  return found ? { ...found.both, ...found[counts] } : null;
};
