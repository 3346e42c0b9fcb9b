// Settings go out, answers come in; what was asked before can be asked again (undo).
// Who answers, a kernel or a recording, is not seen from here. A kernel whose answers to the same
// settings stay the same says so (`keeps`): they are kept here then, with those that it sends
// ahead while the hand rests, and shown before it has heard of the question.
const TYPES = { uint8: Uint8Array, int16: Int16Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };

const KEPT = 300; // answers
const REST = 120; // milliseconds after an answer, and the hand rests; longer where answers take long

// An array that has travelled, as { shape, data }; anything else as it is. What was sent ahead
// has its bytes beside it.
export function unpacked(value, beside) {
  if (Array.isArray(value)) return value.map(inner => unpacked(inner, beside));
  if (value === null || typeof value !== "object") return value;
  if (!("dtype" in value && "bytes" in value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unpacked(inner, beside)]));
  // Bytes that lie anywhere are copied to where their type can be.
  const view = beside ? beside[value.bytes] : value.bytes;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  return { shape: value.shape, data: new TYPES[value.dtype](bytes.buffer) };
}

export const same = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);

export function talk(model, { answered, asked, signal }) {
  const first = model.get("first"), keeps = model.get("keeps");
  const kept = new Map(); // settings -> answer, the newest last
  let settings = model.get("settings"), answer = unpacked(model.get("answer"));
  let past = [], own = false, resting = 0, turn = 0, anew = true, moving = false;
  let owed = false; // the step of a stroke that has only been refused so far
  let since = 0, slice = 0; // when answers were asked for ahead; milliseconds until some came

  function keep(found) {
    if (!keeps) return;
    const key = JSON.stringify(found.settings);
    kept.delete(key);
    kept.set(key, found);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  }
  function show(found) {
    keep(found);
    answer = found;
    answered(found);
    rest();
  }
  // Other settings: their answer is shown if it is there.
  function turnTo(next, tell = () => {}) {
    settings = next;
    asked(settings);
    tell();
    turn++; // what is asked for ahead waits
    clearTimeout(resting);
    const found = kept.get(JSON.stringify(settings));
    if (found) show(found);
  }
  // What the hand may ask next is answered ahead once it rests; a question ends that.
  function rest() {
    turn++;
    clearTimeout(resting);
    if (keeps) resting = setTimeout(more, REST + 2 * slice);
  }
  function more() {
    since = performance.now();
    model.send({ ahead: turn, anew });
    anew = false;
  }
  function send(next) {
    own = true; // so that what comes back of it is not taken for someone else's wish
    model.set("settings", next);
    own = false;
    turnTo(next, () => model.save_changes());
  }
  // Change some settings. With step: false it joins the change before it, as in one stroke.
  // Says whether there is anything to undo now: a recording may have had no answer.
  function ask(changes, { step = true } = {}) {
    const before = settings, next = { ...before, ...changes }, isStep = step || owed;
    if (same(next, before)) return false;
    if (isStep) past.push(before);
    send(next);
    owed = isStep && same(settings, before);
    if (!owed) return true;
    past.pop();
    asked(settings);
    return false;
  }
  // As a hand moves on, until it has `ended` or lets go: the whole stroke is one step. One that was
  // called off, as by a page that scrolls, is undone.
  function stroke(changes, ended = false) {
    const isMove = !same({ ...settings, ...changes }, settings);
    ask(changes, { step: !moving });
    moving = !ended && (moving || isMove);
  }
  function letGo(calledOff = false) {
    if (calledOff && moving && !owed) undo();
    moving = owed = false;
  }
  function undo() { if (past.length) send(past.pop()); }
  function reset() { ask(first); }
  const heard = {
    "change:settings": () => { if (!own) turnTo(model.get("settings")); },
    "change:answer"() {
      const found = unpacked(model.get("answer"));
      // What was kept stands there already; and what was asked before it comes too late.
      if (keeps && same(answer.settings, settings)) keep(found);
      else show(found);
    },
    "msg:custom"(said, bytes) { // answers that were asked for ahead
      slice = performance.now() - since;
      unpacked(said.answers, bytes).forEach(keep);
      if (said.more && said.ahead === turn) more();
    },
  };
  for (const [event, act] of Object.entries(heard)) model.on(event, act);
  signal.addEventListener("abort", () => {
    clearTimeout(resting);
    for (const [event, act] of Object.entries(heard)) model.off(event, act);
  });
  keep(answer);
  return {
    ask, stroke, letGo, undo, reset, rest,
    get settings() { return settings; },
    get answer() { return answer; },
    get canUndo() { return past.length > 0; },
    get isFirst() { return same(settings, first); },
  };
}
