// Lesson 00: choose a picture, and see at once what a trained network makes of it.
import { fill, h, tell } from "../../drawing/web/html.js";
import { grey, thumbnail } from "../../drawing/web/image.js";
import { percent } from "../../drawing/web/numbers.js";
import { button, stage } from "../../drawing/web/stage.js";
import { rgb } from "../../drawing/web/theme.js";
import { wipe } from "../../drawing/web/wipe.js";

const WALL = [31, 36, 48];
const TINTS = ["#0072B2", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#F0E442", "#D55E00"].map(c => rgb(c));

export default {
  render({ model, el }) {
    const play = stage(model, el), { words, given, talk } = play;
    const [count, rows, columns] = given.thumbnails.shape, side = given.side, shade = grey();
    const isBook = model.get("nearest") !== undefined; // recorded: no network is there to be asked

    const pictures = Array.from({ length: count }, (_, i) => {
      const small = thumbnail({ rows, columns });
      small.paint(at => shade(given.thumbnails.data[i * rows * columns + at]));
      return h("button", { class: "look-choice", type: "button",
        "aria-label": fill(words.picture, { n: i + 1 }),
        onclick: () => talk.ask({ picture: i + 1, own: "" }) }, small.element);
    });
    const file = h("input", { type: "file", accept: "image/*", class: "unet-hidden", tabindex: -1,
      "aria-label": words.own, onchange: () => file.files[0] && read(file.files[0]) });
    const own = button(words.own, () => file.click());

    // The middle of a picture as a square of grey values. One that is none is sent as nothing:
    // the answer says what is wrong.
    async function read(chosen) {
      let text = "";
      try {
        const picture = await createImageBitmap(chosen), least = Math.min(picture.width, picture.height);
        const pen = new OffscreenCanvas(side, side).getContext("2d");
        pen.drawImage(picture, (picture.width - least) / 2, (picture.height - least) / 2, least, least, 0, 0, side, side);
        const { data } = pen.getImageData(0, 0, side, side);
        for (let at = 0; at < data.length; at += 4)
          text += String.fromCharCode(Math.round(0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]));
      } catch { text = ""; }
      file.value = ""; // the same file may be chosen again
      talk.ask({ picture: "own", own: btoa(text) });
    }

    const before = thumbnail({ rows: side, columns: side, label: words.before });
    const after = thumbnail({ rows: side, columns: side, label: words.after });
    const halves = wipe({ first: before.element, second: after.element, at: 0.35, signal: play.signal,
      words: { label: words.wipe, first: words.before, second: words.after } });
    const verdict = h("p", { class: "look-verdict" }), share = h("p", { class: "unet-faint look-share" });
    play.add(
      h("p", {}, words.lead),
      h("div", { class: "unet-sides" },
        halves.element,
        h("div", {}, verdict, share,
          h("div", { class: "look-choices", role: "group", "aria-label": words.choose }, ...pictures),
          isBook ? h("p", { class: "unet-faint" }, words.in_notebook) : h("div", { class: "unet-row" }, own, file))));

    function draw(found) {
      pictures.forEach((element, i) => element.setAttribute("aria-pressed", found.settings.picture === i + 1));
      own.setAttribute("aria-pressed", found.settings.picture === "own");
      const image = found.image.data, regions = found.regions.data;
      before.paint(at => shade(image[at]));
      after.paint(at => regions[at] ? TINTS[(regions[at] - 1) % TINTS.length] : WALL);
      tell(verdict, found.verdict, { value: found.cells });
      tell(share, fill(words.share, { share: percent(found.inside, 0) }), { value: found.inside });
      play.say(found.said);
    }
    return play.show(draw);
  },
};
