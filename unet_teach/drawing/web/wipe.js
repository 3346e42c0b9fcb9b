// Two pictures of one place under a divider: what lies left of it is the first, right the second.
// Drag anywhere on them, or focus the divider and use the arrow keys.
import { followed, shares, slid, within } from "./hands.js";
import { h } from "./html.js";

// `moved` hears of a hand; `name` writes other words on the two pictures.
export function wipe({ first, second, words, at = 0.5, signal, moved = () => {} }) {
  const grip = h("div", { class: "unet-wipe-grip", role: "slider", tabindex: 0,
    "aria-label": words.label, "aria-valuemin": 0, "aria-valuemax": 100 });
  const names = [words.first, words.second].map((name, i) =>
    h("span", { class: `unet-wipe-name unet-wipe-${i ? "second" : "first"}` }, name));
  const over = h("div", { class: "unet-wipe-over" }, second);
  const element = h("div", { class: "unet-wipe" }, first, over, ...names, grip);

  function set(share) {
    at = within(share, 0, 1);
    over.style.clipPath = `inset(0 0 0 ${100 * at}%)`;
    grip.style.left = `${100 * at}%`;
    grip.setAttribute("aria-valuenow", Math.round(100 * at));
    names[0].style.opacity = Number(at > 0.08);
    names[1].style.opacity = Number(at < 0.92);
  }
  const go = share => { set(share); moved(at); };
  followed(element, event => event && go(shares(event, element)[1]), signal);
  grip.addEventListener("keydown", event => {
    const share = slid(event, at, 1, 0.05);
    if (share !== undefined) go(share);
  }, { signal });
  set(at);
  const name = both => names.forEach((one, i) => { one.textContent = both[i]; });
  return { element, set, name, get at() { return at; } };
}
