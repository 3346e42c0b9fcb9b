// Numbers as text, rounded as Python's format rounds them: to the nearest, ties to even.
// toFixed is exact but for ties, which it rounds up; a tie ends in 5 and nothing after it.
export function fixed(number, digits) {
  const text = number.toFixed(digits);
  const more = number.toFixed(Math.min(100, digits + 30));
  const tie = /^50*$/.test(more.slice(more.indexOf(".") + 1 + digits));
  if (!tie || Number(text.at(-1)) % 2 === 0) return text;
  const even = number - Math.sign(number) * 10 ** -digits / 2;
  return even.toFixed(digits);
}

export function percent(number, digits) {
  return `${fixed(number * 100, digits)} %`;
}

export const sum = list => list.reduce((total, one) => total + one, 0);

// 5184 as 5,184 in the page's language.
export function whole(number, words) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, words.thousands);
}
