// The smallest view there is: a slider, and what the answer says. See README.md.
import { fixed } from "./numbers.js";
import { h, tell } from "./html.js";
import { slider } from "./controls.js";
import { stage } from "./stage.js";

export default {
  render({ model, el }) {
    const play = stage(model, el);
    const twice = h("p", { class: "example-twice" });
    play.add(play.lever(slider, "n", [1, 2, 3, 4, 5]), twice);
    return play.show(answer => {
      tell(twice, fixed(answer.twice, 0), { value: answer.twice });
    });
  },
};
