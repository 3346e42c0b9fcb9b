// Two pictures of one place under a divider: what lies left of it is the first, right the second.
// Drag anywhere on them, or focus the divider and use the arrow keys.
import { h } from "./html.js";

// `moved` hears of a hand; `name` writes other words on the two pictures.
export function wipe({ first, second, words, at = 0.5, signal, moved = () => {} }) {
  const grip = h("div", { class: "unet-wipe-grip", role: "slider", tabindex: 0,
    "aria-label": words.label, "aria-valuemin": 0, "aria-valuemax": 100 });
  const names = [words.first, words.second].map((name, i) =>
    h("span", { class: `unet-wipe-name unet-wipe-${i ? "second" : "first"}` }, name));
  const over = h("div", { class: "unet-wipe-over" }, second);
  const element = h("div", { class: "unet-wipe" }, first, over, ...names, grip);
  let held = false;

  function set(share) {
    at = Math.min(Math.max(share, 0), 1);
    over.style.clipPath = `inset(0 0 0 ${100 * at}%)`;
    grip.style.left = `${100 * at}%`;
    grip.setAttribute("aria-valuenow", Math.round(100 * at));
    names[0].style.opacity = at > 0.08 ? 1 : 0;
    names[1].style.opacity = at < 0.92 ? 1 : 0;
  }
  function follow(event) {
    const edge = element.getBoundingClientRect();
    set((event.clientX - edge.left) / edge.width);
    moved(at);
  }
  element.addEventListener("pointerdown", event => {
    if (event.button) return;
    held = true;
    element.setPointerCapture(event.pointerId);
    if (event.pointerType !== "touch") follow(event); // a finger may want to scroll the page
  }, { signal });
  element.addEventListener("pointermove", event => held && follow(event), { signal });
  for (const ended of ["pointerup", "pointercancel"])
    element.addEventListener(ended, () => { held = false; }, { signal });
  grip.addEventListener("keydown", event => {
    const step = { ArrowLeft: -0.05, ArrowDown: -0.05, ArrowRight: 0.05, ArrowUp: 0.05, Home: -1, End: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    set(at + step);
    moved(at);
  }, { signal });
  set(at);
  const name = both => names.forEach((one, i) => { one.textContent = both[i]; });
  return { element, set, name, get at() { return at; } };
}
