// Lesson NN: a row of cells that is cut where one is clicked (REPLACE: what is drawn and grabbed).
import { slider } from "../../drawing/web/controls.js";
import { fill, h } from "../../drawing/web/html.js";
import { stage } from "../../drawing/web/stage.js";

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play;
    const stops = Array.from({ length: given.largest }, (_none, i) => i + 1);
    // The cells stay the same elements, so that a press does not lose the focus.
    const cells = stops.map((stop, cell) => h("button", { type: "button", class: "NAME-cell",
      "aria-label": fill(words.end_here, { cell }), onclick: () => talk.ask({ k: stop }) },
    String(cell)));
    const said = h("p", { class: "NAME-said" });
    play.add(h("p", {}, words.lead), h("div", { class: "unet-row" }, ...cells),
      said, play.lever(slider, "n", stops), play.lever(slider, "k", stops), play.back);

    return play.show(answer => {
      cells.forEach((element, cell) => {
        const block = answer.block[cell] ?? -1; // -1: left over
        element.hidden = cell >= answer.block.length;
        element.dataset.value = block;
        element.dataset.kind = block < 0 ? "rest" : ["even", "odd"][block % 2];
      });
      said.textContent = answer.said;
      play.say(answer.said);
    });
  },
};
