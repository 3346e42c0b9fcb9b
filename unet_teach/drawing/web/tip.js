// Words beside what is pointed at; they stay inside of `room`.
import { h } from "./html.js";

export function tip(room, attributes = { "aria-hidden": "true" }) {
  const element = h("div", { class: "unet-tip", hidden: true, ...attributes });
  room.append(element);
  return {
    hide: () => { element.hidden = true; },
    show(words, x, y) {
      element.textContent = words;
      element.hidden = false;
      const { offsetWidth: width, offsetHeight: height } = element;
      element.style.left = `${Math.max(0, Math.min(x - width / 2, room.clientWidth - width))}px`;
      element.style.top = `${y - height - 12 < 0 ? y + 18 : y - height - 12}px`;
    },
  };
}
