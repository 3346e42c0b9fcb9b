// The smallest view there is: a slider, and what the answer says. See README.md.
import { fixed } from "./numbers.js";
import { h } from "./html.js";
import { slider } from "./controls.js";
import { stage } from "./stage.js";

export default {
  render({ model, el }) {
    const play = stage(model, el);
    const n = slider("n", [1, 2, 3, 4, 5], play.talk.settings.n, n => play.talk.ask({ n }));
    const twice = h("p", { class: "example-twice" });
    play.add(n.element, twice);
    return play.show(answer => {
      n.set(answer.settings.n);
      twice.dataset.value = answer.twice;
      twice.textContent = fixed(answer.twice, 0);
    });
  },
};
