// The book's door to the interactives: a model that answers from a recording.
//
// A page holds <div class="interactive" data-interactive="NAME"> around a still picture. When
// it comes near, interactives/NAME.js is loaded (tools/record.py wrote it), and the view takes
// the picture's place. A view cannot tell this model from a notebook's: get, set, on, off,
// send and save_changes. All of it works from a server and from a folder.
(() => {
  const here = new URL(".", document.currentScript.src); // …/_static/
  const waiting = new Map(); // name -> what is to be done with its recording
  const computed = {}; // name -> settings => their answer, or null: exact, where nothing is recorded
  window.unetTeach = { recorded: (name, data) => waiting.get(name)?.(data), nearest, computed };

  const made = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const load = name => new Promise((resolve, reject) => {
    const src = new URL(`../interactives/${name}.js`, here);
    waiting.set(name, data => resolve(unzipped(data)));
    document.head.append(made("script", { src, onerror: () => reject(new Error(`${src} is not there`)) }));
  });

  async function unzipped(data) {
    const stream = new Blob([decoded(data)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }
  // Bytes as base64; few values have a letter each, in order from "(" on, without the backslash.
  const SHADES = Array.from({ length: 33 }, (_, n) => Math.min(8 * n, 255));
  function decoded(text, values) {
    const letters = values ? text : atob(text), known = values === "shades" ? SHADES : values;
    const found = new Uint8Array(letters.length);
    for (let at = 0; at < found.length; at++) {
      const code = letters.charCodeAt(at);
      found[at] = known ? known[code - (code > 92 ? 41 : 40)] : code;
    }
    return found;
  }
  // Arrays as a notebook sends them: their bytes under a DataView.
  function withBytes(value) {
    if (Array.isArray(value)) return value.map(withBytes);
    if (value === null || typeof value !== "object") return value;
    if ("dtype" in value && "bytes" in value)
      return { ...value, bytes: new DataView(decoded(value.bytes, value.values).buffer) };
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withBytes(inner)]));
  }

  // ------------------------------------------------------------------------- the model
  function model(recording, name, compute) {
    const names = Object.keys(recording.parts).sort(), events = new EventTarget();
    const rows = new Map(recording.rows.map(row => [JSON.stringify(row[0]), row]));
    const state = withBytes(recording.state);
    computed[name] = settings => compute(settings, state.given, state.words);

    function answer(row) {
      const parts = names.flatMap((part, i) =>
        row[i + 1] >= 0 ? [[part, withBytes(recording.parts[part][row[i + 1]])]] : []);
      return { settings: row[0], ...(row.answer || Object.fromEntries(parts)) };
    }
    function set(key, value) {
      state[key] = value;
      events.dispatchEvent(new Event(`change:${key}`));
    }
    const worked = (settings, found = computed[name](settings)) => found && { 0: settings, answer: found };
    let answered = null; // the settings that the page shows
    // Settings that were not recorded: the view goes to what can be answered, or stays.
    function row(before) {
      const exact = rows.get(JSON.stringify(state.settings)) || worked(state.settings);
      const found = exact || nearest(recording, state.settings, before);
      state.nearest = !exact && !!found;
      state.refused = !found ? "refused" : !exact && same(found[0], answered) ? "recorded" : "";
      return found || rows.get(JSON.stringify(before)) || worked(before);
    }
    function settle(before) {
      const found = row(before);
      answered = found[0];
      if (!same(answered, state.settings)) set("settings", answered);
      set("answer", answer(found));
    }
    function save_changes() {
      settle(answered);
      remember(name, state.settings, state.first);
    }
    state.settings = remembered(name, state.first) || state.settings;
    settle(state.first);
    return {
      get: key => state[key],
      set, save_changes,
      send: () => {},
      on: (event, act) => events.addEventListener(event, act),
      off: (event, act) => events.removeEventListener(event, act),
    };
  }

  // The recorded answer that may stand for the one asked for, or null. All settings are as asked
  // for, but those that may be approximate: what a hand has changed goes to the nearest number,
  // and what may follow moves where another setting than a number was changed.
  function nearest({ rows, approximate, follows }, asked, before) {
    const touched = Object.keys(asked).filter(key => !same(asked[key], before[key]));
    const free = touched.every(key => approximate.includes(key)) ? [] : follows;
    const may = new Set([...touched.filter(key => approximate.includes(key)), ...free]);
    const strict = Object.keys(asked).filter(key => !may.has(key));
    const far = row => [...may].reduce((sum, key) =>
      sum + (touched.includes(key) ? 1000 : 1) * Math.abs(asked[key] - row[0][key]), 0);
    let best = null, least = Infinity;
    for (const row of may.size ? rows : [])
      if (strict.every(key => same(asked[key], row[0][key])) && far(row) < least) [best, least] = [row, far(row)];
    return best;
  }
  const same = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);

  // ------------------------------------------------------- a state in the address: #name?n=3
  function remembered(name, first) {
    const [found, query] = decodeURI(location.hash.slice(1)).split("?");
    if (found !== name || !query) return null;
    const settings = { ...first };
    for (const [key, value] of new URLSearchParams(query))
      try {
        if (key in first) settings[key] = JSON.parse(value);
      } catch { /* not of ours: the first settings hold */ }
    return settings;
  }
  let telling = 0;
  function remember(name, settings, first) {
    const query = new URLSearchParams(Object.entries(settings)
      .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(first[key]))
      .map(([key, value]) => [key, JSON.stringify(value)])).toString();
    clearTimeout(telling); // a browser takes milliseconds to write an address: once a stroke is enough
    if (query.length < 1500)
      telling = setTimeout(() => history.replaceState(null, "", query ? `#${name}?${query}` : "#"), 200);
  }

  // ----------------------------------------------------------------------------- in the page
  async function imported(text) {
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const { default: found } = await import(address);
    URL.revokeObjectURL(address);
    return found;
  }
  async function come(element) {
    const name = element.dataset.interactive, recording = await load(name);
    document.head.append(made("style", { textContent: recording.css }));
    const view = await imported(recording.esm), compute = recording.computed ? await imported(recording.computed) : () => null;
    const room = made("div", { className: "interactive-live" });
    room.style.minHeight = `${element.offsetHeight}px`; // nothing below jumps while it is drawn
    element.after(room);
    await view.render({ model: model(recording, name, compute), el: room });
    element.hidden = true;
    room.style.minHeight = "";
  }
  function start() {
    const near = new IntersectionObserver(seen => {
      for (const { isIntersecting, target } of seen)
        if (isIntersecting) {
          near.unobserve(target);
          come(target).catch(error => console.warn(`${target.dataset.interactive}: ${error}`));
        }
    }, { rootMargin: "800px" });
    for (const element of document.querySelectorAll("[data-interactive]")) {
      near.observe(element);
      if (location.hash.startsWith(`#${element.dataset.interactive}?`)) element.scrollIntoView();
    }
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
