// The book's door to the interactives: a model that answers from a recording.
//
// A page holds <div class="interactive" data-interactive="NAME"> around a still picture. When
// it comes near, interactives/NAME.js is loaded (tools/record.py wrote it), and the view takes
// the picture's place. A view cannot tell this model from a notebook's: get, set, on, off,
// send and save_changes. All of it works from a server and from a folder.
(() => {
  const here = new URL(".", document.currentScript.src); // …/_static/
  const waiting = new Map(); // name -> what is to be done with its recording
  window.unetTeach = { recorded: (name, data) => waiting.get(name)?.(data) };

  const load = name => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(`../interactives/${name}.js`, here);
    script.onerror = () => reject(new Error(`${script.src} is not there`));
    waiting.set(name, data => resolve(unzipped(data)));
    document.head.append(script);
  });

  async function unzipped(data) {
    const stream = new Blob([bytes(data)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }
  function bytes(text) {
    const letters = atob(text), found = new Uint8Array(letters.length);
    for (let at = 0; at < found.length; at++) found[at] = letters.charCodeAt(at);
    return found;
  }
  // Arrays as a notebook sends them: their bytes under a DataView.
  function withBytes(value) {
    if (Array.isArray(value)) return value.map(withBytes);
    if (value === null || typeof value !== "object") return value;
    if ("dtype" in value && "bytes" in value)
      return { ...value, bytes: new DataView(bytes(value.bytes).buffer) };
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withBytes(inner)]));
  }

  // ------------------------------------------------------------------------- the model
  function model(recording, name) {
    const names = Object.keys(recording.parts).sort(), listeners = new Map();
    const rows = new Map(recording.rows.map(row => [JSON.stringify(row[0]), row]));
    const state = withBytes(recording.state);
    state.nearest = false;
    let changed = new Set();

    function answer(row) {
      const found = { settings: row[0] };
      names.forEach((part, i) => {
        if (row[i + 1] >= 0) found[part] = withBytes(recording.parts[part][row[i + 1]]);
      });
      return found;
    }
    function fire(event) {
      for (const act of listeners.get(event) || []) act();
    }
    function set(key, value) {
      state[key] = value;
      changed.add(key);
      fire(`change:${key}`);
    }
    let answered = state.settings; // what was on the page before
    function settle() {
      const exact = rows.get(JSON.stringify(state.settings));
      const row = exact || nearest(recording.rows, state.settings, answered);
      state.nearest = !exact;
      answered = row[0];
      if (!exact) set("settings", row[0]); // the view follows to what can be answered
      set("answer", answer(row));
      changed.clear();
    }
    function save_changes() {
      if (!changed.has("settings")) return changed.clear();
      settle();
      remember(name, state.settings, state.first);
    }
    const linked = remembered(name, state.first);
    if (linked) state.settings = linked;
    const row = rows.get(JSON.stringify(state.settings))
      || nearest(recording.rows, state.settings, state.first);
    state.nearest = JSON.stringify(row[0]) !== JSON.stringify(state.settings);
    state.settings = answered = row[0];
    state.answer = answer(row);
    return {
      get: key => state[key],
      set, save_changes,
      send: () => {},
      on(event, act) { listeners.set(event, [...(listeners.get(event) || []), act]); },
      off(event, act) {
        listeners.set(event, (listeners.get(event) || []).filter(other => other !== act));
      },
    };
  }

  // The recorded settings that are nearest to those asked for. What was changed just now counts
  // most: a new step is taken, and what stood before it is kept as far as it can be.
  function nearest(rows, asked, before) {
    const parts = Object.entries(asked).map(([key, value]) => {
      const same = JSON.stringify(value) === JSON.stringify(before[key]);
      return { key, weight: same ? 1 : 1000, apart: measure(value, before[key]) };
    });
    let best = rows[0], least = Infinity;
    for (const row of rows) {
      const far = parts.reduce((sum, p) => sum + p.weight * p.apart(row[0][p.key]), 0);
      if (far < least) [best, least] = [row, far];
    }
    return best;
  }
  // How far another value is from this one: lists as sets, in which a new member must be there.
  function measure(value, before) {
    if (typeof value === "number") return other => Math.abs(value - other);
    if (!Array.isArray(value))
      return other => (JSON.stringify(value) === JSON.stringify(other) ? 0 : 1);
    const old = new Set((before || []).map(String));
    const worth = new Map(value.map(member => [String(member), old.has(String(member)) ? 1 : 100]));
    const all = [...worth.values()].reduce((sum, one) => sum + one, 0);
    return other => other.reduce((sum, member) => {
      const found = worth.get(String(member)); // a pair, [3, 4], is a member, too
      return sum + (found ? -found : 1);
    }, all);
  }

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
  async function come(element) {
    const name = element.dataset.interactive, recording = await load(name);
    if (!document.querySelector(`style[data-of="${name}"]`)) {
      const style = document.createElement("style");
      style.dataset.of = name;
      style.textContent = recording.css;
      document.head.append(style);
    }
    const address = URL.createObjectURL(new Blob([recording.esm], { type: "text/javascript" }));
    const view = (await import(address)).default;
    URL.revokeObjectURL(address);
    const room = document.createElement("div");
    room.className = "interactive-live";
    room.style.minHeight = `${element.offsetHeight}px`; // nothing below jumps while it is drawn
    element.after(room);
    await view.render({ model: model(recording, name), el: room });
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
