// Settings go out, answers come in; what was asked before can be asked again (undo).
// Who answers, a kernel or a recording, is not seen from here.
const TYPES = { uint8: Uint8Array, int16: Int16Array, int32: Int32Array,
  float32: Float32Array, float64: Float64Array };

// An array that has travelled, as { shape, data }; anything else as it is.
export function unpacked(value) {
  if (Array.isArray(value)) return value.map(unpacked);
  if (value === null || typeof value !== "object") return value;
  if (!("dtype" in value && "bytes" in value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unpacked(inner)]));
  const view = value.bytes; // bytes that lie anywhere are copied to where their type can be
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  return { shape: value.shape, data: new TYPES[value.dtype](bytes.buffer) };
}

export function talk(model, { answered, asked, signal }) {
  const first = model.get("first");
  let settings = model.get("settings"), answer = unpacked(model.get("answer"));
  let past = [], own = false;

  function send(next) {
    settings = next;
    own = true; // so that what comes back of it is not taken for someone else's wish
    model.set("settings", next);
    own = false;
    asked(settings);
    model.save_changes();
  }
  // Change some settings. With step: false it joins the change before it, as in one stroke.
  function ask(changes, { step = true } = {}) {
    const next = { ...settings, ...changes };
    if (JSON.stringify(next) === JSON.stringify(settings)) return;
    if (step) past.push(settings);
    send(next);
  }
  function undo() {
    if (past.length) send(past.pop());
  }
  function reset() {
    ask(first);
  }
  const onSettings = () => {
    if (own) return;
    settings = model.get("settings");
    asked(settings);
  };
  const onAnswer = () => {
    answer = unpacked(model.get("answer"));
    answered(answer);
  };
  model.on("change:settings", onSettings);
  model.on("change:answer", onAnswer);
  signal.addEventListener("abort", () => {
    model.off("change:settings", onSettings);
    model.off("change:answer", onAnswer);
  });
  return {
    ask, undo, reset,
    get settings() { return settings; },
    get answer() { return answer; },
    get canUndo() { return past.length > 0; },
    get isFirst() { return JSON.stringify(settings) === JSON.stringify(first); },
  };
}
