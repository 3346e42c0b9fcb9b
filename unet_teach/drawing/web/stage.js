// What every view stands on: title, questions and the answer in a sentence (`because`), undo and
// reset, what cannot work, a voice for screen readers, the theme. A view adds its own elements,
// then says how an answer is drawn.
//
//   const play = stage(model, el);
//   play.add(picture, bars);
//   return play.show(answer => { … });
import { swallow } from "./hands.js";
import { h, tell } from "./html.js";
import { same, talk, unpacked } from "./talk.js";
import { theme } from "./theme.js";
import { tip } from "./tip.js";

const nothing = () => {};

export function stage(model, el) {
  const words = model.get("words"), given = unpacked(model.get("given"));
  const ending = new AbortController(), signal = ending.signal;
  const presets = model.get("presets"), levers = [], along = {}, glides = {};
  const asks = presets.map(([question, settings]) => button(question, () => { if (bound) conversation.ask(bound[0], { step: bound[1] === conversation.settings }); go(settings); }));
  let draw = nothing, whenAsked = nothing, whenStuck = nothing, bound = null; // what a question moves to, and where from

  const problem = h("div", { class: "unet-cannot", role: "alert", hidden: true });
  const note = h("p", { class: "unet-note", "aria-live": "polite", hidden: true });
  const voice = h("p", { class: "unet-hidden", role: "status" });
  const because = h("p", { class: "unet-because", "aria-live": "polite" });
  const undo = button(words.undo, () => conversation.undo()), reset = button(words.reset, () => conversation.reset());
  const back = h("div", { class: "unet-row" }, undo, reset);
  const body = h("div", { class: "unet-body" });
  const box = h("section", { class: "unet-view", "aria-label": model.get("title") },
    h("div", { class: "unet-title" }, model.get("title")),
    asks.length ? h("div", { class: "unet-row", role: "group", "aria-label": words.questions }, ...asks) : null,
    because, body, problem, note, back, voice);
  // Where a hand is, so that a recording can say there that it has no answer.
  const refusal = tip(box, { role: "alert", "data-refused": "" });
  let hand = null, leaves = 0, late = 0;
  for (const kind of ["pointerdown", "pointermove"]) box.addEventListener(kind, event => { hand = [event.clientX, event.clientY]; }, true);
  box.addEventListener("keydown", () => { hand = null; }, true);
  for (const end of ["change", "pointerup"]) box.addEventListener(end, () => conversation.letGo()); // a drag is one step
  // What a question sets of `glides` moves there in sight, until something else is asked.
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  function go(settings, from = conversation.settings, since = performance.now(), before = from) {
    const moving = Object.keys(glides).filter(name => ![from[name], model.get("first")[name]].includes(settings[name]) && !still.matches);
    const part = moving.length && conversation.settings === before ? Math.min((performance.now() - since) / 700, 1) : 1;
    bound = part < 1 ? [settings, from] : null;
    box.toggleAttribute("data-gliding", bound);
    const between = name => [name, +(Math.round((from[name] + part * (settings[name] - from[name])) / glides[name]) * glides[name]).toFixed(3)];
    if (conversation.settings === before)
      conversation.ask({ ...settings, ...part < 1 && Object.fromEntries(moving.map(between)) }, { step: before === from });
    const now = conversation.settings, isRefused = model.get("refused"); // what is between may have no answer
    const on = () => go(settings, from, isRefused ? -Infinity : since, now);
    if (part === 1) reason(conversation.answer); else if (isRefused) on(); else requestAnimationFrame(on);
  }
  // A refused change leaves no trace: what a view drew ahead goes once the hand has let go.
  for (const kind of ["pointerup", "pointercancel", "keyup"]) window.addEventListener(kind, () => setTimeout(() => model.get("refused") && drawn(conversation.answer)), { signal });
  function refuse(text) {
    const edge = box.getBoundingClientRect(), at = document.activeElement.getBoundingClientRect();
    const [x, y] = hand || [at.left + at.width / 2, at.top];
    refusal.show(text, x - edge.left, y - edge.top);
    clearTimeout(leaves); // it covers what is below it
    leaves = setTimeout(refusal.hide, 6000);
  }

  // What has been asked for is seen at once. Tests read which settings these are, and which are shown.
  function mark(settings) {
    box.dataset.settings = JSON.stringify(settings);
    asks.forEach((ask, i) => ask.setAttribute("aria-current", same(presets[i][1], settings)));
    // Not `disabled`: the focus would fall off a button at its last use.
    undo.setAttribute("aria-disabled", !conversation.canUndo);
    reset.setAttribute("aria-disabled", conversation.isFirst);
    for (const [name, lever] of levers) lever.set(settings[name]);
  }
  function reason(answer) {
    because.hidden = answer.because === undefined;
    // At first nothing has been asked, so nothing is answered; nor while it moves.
    const isAsked = !conversation.isFirst || asks.some(ask => ask.getAttribute("aria-current") === "true");
    because.classList.toggle("unet-faint", !isAsked);
    tell(because, box.hasAttribute("data-gliding") ? "" : isAsked ? answer.because || "" : presets.length ? words.unasked : "");
  }
  function shown(answer) {
    problem.hidden = !answer.problem;
    if (answer.problem) cannot(answer);
    drawn(answer);
    reason(answer);
    body.classList.toggle("unet-stuck", Boolean(answer.problem) && whenStuck === nothing);
    noted(model.get("nearest") ? words.recorded : ""); // a recording that had no answer of its own
    if (model.get("refused")) refuse(words[model.get("refused")]);
    else refusal.hide();
    box.dataset.answered = JSON.stringify(answer.settings);
    box.dataset.problem = answer.problem || "";
  }
  // A kernel may be busy, or gone since the notebook was closed: said once an answer is overdue.
  const overdue = () => { if (model.widget_manager && !same(conversation.answer.settings, conversation.settings)) noted(words.silent); };
  const noted = text => { clearTimeout(late); tell(note, text); note.hidden = !text; };
  const drawn = answer => (answer.problem ? whenStuck : draw)(answer);
  function cannot({ problem: why, offers = [] }) {
    const now = conversation.settings;
    const buttons = offers.map(({ words: told, ...offer }) => {
      const changed = Object.fromEntries(Object.entries(offer).filter(([name, value]) => !same(value, now[name])));
      return button(told || Object.values(changed).join(", "), () => conversation.ask(changed));
    });
    voice.textContent = "";
    problem.replaceChildren(h("p", {}, `⚠ ${why}`),
      ...(offers.length ? [h("div", { class: "unet-row" }, words.would_work, ...buttons)] : []));
  }

  const conversation = talk(model, {
    answered: shown, signal,
    asked: settings => { mark(settings); whenAsked(settings); clearTimeout(late); late = setTimeout(overdue, 4000); },
  });
  const sight = new IntersectionObserver(seen => { if (seen.some(one => one.isIntersecting)) conversation.rest(); });
  signal.addEventListener("abort", () => { sight.disconnect(); clearTimeout(late); });
  const colour = theme(box, () => drawn(conversation.answer), signal);
  box.addEventListener("keydown", event => {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey)) return;
    swallow(event);
    conversation.undo();
  });

  return {
    words, given, colour, signal, talk: conversation,
    refuse, // a text, where the hand is, for a while
    isDark: () => box.dataset.theme === "dark",
    back, problem, // undo and reset, and why not; at the end, unless a view puts them elsewhere
    add: (...elements) => body.append(...elements),
    say: text => tell(voice, text),
    // A lever of controls.js for one of the settings, which it asks for and shows: with the words
    // of that name, and what else this lever takes before and after its value. `along[name]` may
    // say, for a value, what else is to change. `glides[name]`: a number that a question moves, and by which steps.
    along, glides,
    lever(make, name, options, ...more) {
      const now = conversation.settings[name], label = words[name] ?? name;
      const ask = value => conversation.stroke({ ...bound?.[0], [name]: value, ...along[name]?.(value) }); // what still moves arrives
      const made = options ? make(label, options, now, ask, ...more) : make(label, now, ask);
      levers.push([name, made]);
      return made.element;
    },
    // A step for `play`: to the next of these stops, after the last to the first; false at the last.
    next(name, stops) {
      const place = (stops.indexOf(conversation.settings[name]) + 1) % stops.length;
      conversation.ask({ [name]: stops[place] }, { step: !place }); // a whole round is one step
      return place < stops.length - 1;
    },
    // `answer` is drawn now and whenever there is another; `asked` is called before it is there.
    // `stuck` draws one with a problem; without it the last good picture stays, in grey, and what
    // was said of it is hidden (look.css).
    show(answer, asked = nothing, stuck = nothing) {
      draw = answer;
      whenStuck = stuck;
      whenAsked = asked;
      if (body.firstChild?.textContent === words.lead) body.firstChild.after(because);
      box.dataset.first = JSON.stringify(model.get("first"));
      el.replaceChildren(box);
      mark(conversation.settings);
      shown(conversation.answer);
      sight.observe(box); // seen, it will be touched
      return () => ending.abort();
    },
  };
}

export function button(words, act) {
  return h("button", { type: "button", class: "unet-button", onclick: act }, words);
}
