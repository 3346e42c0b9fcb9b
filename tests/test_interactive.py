"""An answer, its view and its recording: what joins them, and that both doors say the same."""

import json
import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
import record

from unet_teach import interactive
from unet_teach.drawing.picture import Picture
from unet_teach.drawing.web import FOLDER, bundle, look
from unet_teach.interactive import Interactive, packed

RECORDABLE = record.recordable()


def answer(settings):
    n = settings["n"]
    if n > 5:
        return {"problem": f"n is {n}; at most 5", "offers": [{**settings, "n": 5}]}
    return {"twice": 2 * n, "map": np.full((2, 3), n)}


def made(**more):
    return Interactive(
        "double", "Twice", answer, {"n": 3, "way": "plain"}, FOLDER / "example.js",
        picture=lambda s, a: Picture("<svg/>", alt=a.get("problem") or f"{s['n']}"), **more,
    )  # fmt: skip


# ------------------------------------------------------------------------------- in a notebook
def test_a_change_of_settings_is_answered():
    shown = made(presets={"And five?": {"n": 5}})
    assert shown.answer["twice"] == 6 and shown.picture.alt == "3"
    shown.set(n=4)
    assert (shown.answer["twice"], shown.answer["settings"]) == (8, {"n": 4, "way": "plain"})
    shown.settings = {"n": 1, "way": "plain"}  # as it comes from the page
    assert shown.answer["twice"] == 2
    shown.ask("And five?")
    assert shown.answer["twice"] == 10 and shown.first["n"] == 3


def test_what_cannot_work_is_said_with_what_would():
    shown = made()
    shown.set(n=9)
    assert shown.problem == shown.picture.alt == "n is 9; at most 5"
    shown.set(**shown.answer["offers"][0])
    assert shown.problem == ""


def test_names_are_checked():
    shown = made(presets={"And five?": {"n": 5}})
    with pytest.raises(ValueError, match="no setting 'm'; valid names: n, way"):
        shown.set(m=1)
    with pytest.raises(ValueError, match=r"no question 'Six\?'; valid: 'And five\?'"):
        shown.ask("Six?")


def test_an_answer_that_raises_is_heard(monkeypatch):
    shown = made()
    with pytest.raises(TypeError):
        shown.set(n="three")
    monkeypatch.setenv("UNET_TEACH_STRICT", "1")
    with pytest.raises(TypeError):
        made(presets={"Three?": {"n": "three"}})


def test_what_goes_to_the_page():
    shown = made(words={"mine": "my word"}, given={"all": np.arange(3)})
    state = shown.get_state()
    assert state["_esm"] == bundle(FOLDER / "example.js")
    assert state["_css"] == look(FOLDER / "example.js")
    assert (
        state["_anywidget_id"] == "unet_teach.double"
    )  # or a second view takes this one's look
    assert state["words"]["mine"] == "my word" and state["words"]["undo"] == "Undo"
    assert state["given"]["all"] == {"dtype": "uint8", "shape": [3], "bytes": b"\0\1\2"}
    assert state["answer"]["map"] == {"dtype": "uint8", "shape": [2, 3], "bytes": b"\3" * 6}
    for name, value in shown.state().items():  # what a recording has is what a kernel sends
        assert state[name] == value


def test_without_anywidget_the_still_picture_is_shown():
    code = (
        "import sys; sys.modules['anywidget'] = sys.modules['ipywidgets'] = None\n"
        "from unet_teach.lessons.l10_metrics.panel import wall_eraser\n"
        "panel = wall_eraser(); panel.ask('The worst hole?')\n"
        "assert 'V_rand 0.806' in panel.picture.alt\n"
        "assert panel._repr_html_() == panel.picture.html"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("array, dtype", [
    (np.array([0, 255]), "uint8"), (np.array([-1]), "int16"), (np.array([256]), "int16"),
    (np.array([40_000]), "int32"), (np.array([True]), "uint8"),
    (np.zeros(2, np.float32), "float32"), (np.zeros(2), "float64"), (np.zeros(0, int), "uint8"),
])  # fmt: skip
def test_arrays_keep_every_value(array, dtype):
    sent = packed(array)
    assert sent["dtype"] == dtype
    back = np.frombuffer(sent["bytes"], sent["dtype"]).reshape(sent["shape"])
    assert (back == array).all()


def test_whole_numbers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit into 32 bits"):
        packed(np.array([2**40]))


def test_an_array_in_columns_goes_row_by_row():
    array = np.asfortranarray(np.arange(6).reshape(2, 3))
    assert packed(array)["bytes"] == bytes(range(6))


# ----------------------------------------------------------------------------------- the bundle
def test_a_bundle_is_one_module_that_runs_as_its_sources(tmp_path):
    (tmp_path / "deep.js").write_text(
        "export const one = 1;\nexport function two() { return 2; }\n"
    )
    (tmp_path / "mid.js").write_text(
        'import { one, two as zwei } from "./deep.js";\n'
        "const own = 10;\nexport const three = one + zwei();\n"
    )
    (tmp_path / "view.js").write_text(
        'import {\n  one,\n} from "./deep.js";\nimport { three } from "./mid.js";\n'
        "const own = 100;\nexport default { render: () => own + one + three };\n"
    )
    text = bundle(tmp_path / "view.js")
    assert text.count("const one = 1;") == 1 and "import" not in text
    (tmp_path / "bundle.mjs").write_text(text)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    try:
        for name in ("view.js", "bundle.mjs"):
            code = f"import v from './{name}'; console.log(v.render())"
            words = ["node", "--input-type=module", "-e", code]
            done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
            assert done.stdout == "104\n", done.stderr
    except FileNotFoundError:
        pytest.skip("no node here; tests/browser runs every view")


@pytest.mark.parametrize("line, words", [
    ('import all from "./x.js";', "import all from"),
    ('import "./x.js";', "in a form that"),
    ("export { a };", "in a form that"),
    ("export let a = 1;", "in a form that"),
    ("const a = 1;", "one `export default`, this has 0"),
])  # fmt: skip
def test_other_forms_are_refused(tmp_path, line, words):
    (tmp_path / "view.js").write_text(line + "\n")
    with pytest.raises(ValueError, match=words):
        bundle(tmp_path / "view.js")


def test_a_circle_is_refused(tmp_path):
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport const a = 1;\n')
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\nexport const b = 1;\n')
    with pytest.raises(ValueError, match=r"a\.js imports itself, by way of b\.js"):
        bundle(tmp_path / "a.js")


# ------------------------------------------------------------------------------- the recordings
@pytest.mark.parametrize("name", RECORDABLE)
def test_every_recorded_answer_is_the_answer(name):
    made = RECORDABLE[name]()
    kept = json.loads(json.dumps(record.recording(made)))
    settings = made.recorded()
    assert len(kept["rows"]) == len(settings)
    for one, row in zip(settings, kept["rows"], strict=True):
        due = json.loads(json.dumps(record._text(packed(made.answered(one)))))
        assert record.answer_in(kept, row) == due
    for _question, preset in made.presets:
        assert preset in settings
    assert made.first in settings
    assert kept["esm"] == made._esm and kept["css"] == made._css
    assert len(record.script(name, kept)) < 700_000


def test_a_recording_keeps_problems_and_equal_parts_once():
    kept = record.recording(made(recorded=lambda: [{"n": n} for n in (1, 9, 3, 1)]))
    assert [row[0]["n"] for row in kept["rows"]] == [3, 1, 9]
    assert kept["parts"]["twice"] == [6, 2]
    assert record.answer_in(kept, kept["rows"][2])["problem"] == "n is 9; at most 5"
    assert "twice" not in record.answer_in(kept, kept["rows"][2])
    assert record.script("x", kept) == record.script("x", kept)


# ------------------------------------------------------------------------------ answers ahead
def sent_ahead(shown):
    """All that a view gets while the hand rests: settings, as text -> answer."""
    found, messages, more = {}, [], True
    shown.send = lambda content, buffers: messages.append((content, buffers))
    while more:
        shown._on_message(shown, {"ahead": 7, "anew": not messages}, [])
        said, beside = messages[-1]
        assert said["ahead"] == 7
        for one in joined(json.loads(json.dumps(said["answers"])), beside):
            assert json.dumps(one["settings"]) not in found, "sent twice"
            found[json.dumps(one["settings"])] = one
        more = said["more"]
    return found


def joined(value, beside):
    """What a message has beside its JSON, put back."""
    if isinstance(value, dict):
        return {k: beside[v] if k == "bytes" else joined(v, beside) for k, v in value.items()}
    return [joined(inner, beside) for inner in value] if isinstance(value, list) else value


def test_answers_come_ahead_and_are_the_answers(monkeypatch):
    shown = made(
        presets={"And five?": {"n": 5}}, recorded=lambda: [{"n": n} for n in (1, 2.0, 9)]
    )
    shown.ahead()  # knows the recorded settings now
    monkeypatch.setattr(interactive, "SLICE", 0)  # one by one
    found = sent_ahead(shown)
    assert [json.loads(key)["n"] for key in found] == [5, 2, 1, 9]  # 2.0 is 2 in a page
    for key, one in found.items():
        assert one == packed(shown.answered(json.loads(key)))
    shown.set(n=2)
    assert [json.loads(key)["n"] for key in sent_ahead(shown)] == [5, 1, 3, 9]  # a new view


def test_what_no_hand_can_ask_for_is_left_out():
    shown = made(recorded=lambda: [{"n": 1}, {"n": "three"}])
    assert [json.loads(key)["n"] for key in sent_ahead(shown)] == [1]


def test_an_answer_is_computed_once_unless_it_changes():
    asked = []

    def count(settings):
        asked.append(settings["n"])
        return {"twice": len(asked)}

    shown = Interactive("double", "Twice", count, {"n": 3}, FOLDER / "example.js", picture=None)
    for n in (4, 5, 4, 5):
        shown.set(n=n)
    assert asked == [3, 4, 5] and shown.answer == {"settings": {"n": 5}, "twice": 3}
    shown.keeps = False
    shown.set(n=4)
    assert shown.answer["twice"] == 4


def test_an_answer_is_kept_until_it_is_given(monkeypatch):
    """A page asks beside a cell; here just when the only place for an answer was taken."""
    monkeypatch.setattr(interactive, "KEPT", 1)
    shown = made()

    class Store(OrderedDict):
        def move_to_end(self, key):
            if threading.current_thread() is threading.main_thread():
                beside.start()
                beside.join(0.5)
            super().move_to_end(key)

    shown._known = Store()
    beside = threading.Thread(target=shown._kept, args=({"n": 2, "way": "plain"},))
    assert shown._kept({"n": 1, "way": "plain"})["twice"] == 2
    beside.join()
    assert len(shown._known) == 1


@pytest.mark.parametrize("name", RECORDABLE)
def test_what_is_sent_ahead_is_what_a_kernel_answers(name, monkeypatch):
    monkeypatch.setattr(interactive, "AHEAD", 6)
    shown = RECORDABLE[name]()
    found = sent_ahead(shown)
    assert found
    for key, one in found.items():
        assert one == packed(shown.answered(json.loads(key)))


TALK = """
import { talk } from "./talk.mjs";
const listeners = {}, sent = [], seen = [];
const answer = n => ({ settings: { n }, map: [n] });
const state = { first: { n: 0 }, settings: { n: 0 }, answer: answer(0), keeps: true };
const fire = (event, ...what) => listeners[event]?.(...what);
const model = {
  get: key => state[key],
  set(key, value) { state[key] = value; fire("change:" + key); },
  save_changes: () => sent.push(state.settings.n),
  send: said => sent.push(said),
  on: (event, act) => { listeners[event] = act; },
  off: event => { delete listeners[event]; },
};
const signal = new AbortController().signal;
const answered = ({ map }) => seen.push(map.data?.[0] ?? map[0]);
const open = () => talk(model, { answered, asked: () => {}, signal });
const answers = n => model.set("answer", answer(n));
const ahead = (n, turn, more) => fire("msg:custom", { ahead: turn, more,
  answers: [{ settings: { n }, map: { dtype: "uint8", shape: [1], bytes: 0 } }] },
  [new DataView(new Uint8Array([n]).buffer)]);
const rest = () => new Promise(resolve => setTimeout(resolve, 200));
let play = open();
DOES
console.log(JSON.stringify({ seen, sent, shown: play.answer.settings.n }));
process.exit();
"""


def talked(tmp_path, does):
    """What a view has seen, what a kernel has heard, and what is shown at the end."""
    (tmp_path / "talk.mjs").write_bytes((FOLDER / "talk.js").read_bytes())
    (tmp_path / "run.mjs").write_text(TALK.replace("DOES", does))
    try:
        done = subprocess.run(
            ["node", "run.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
    except FileNotFoundError:
        pytest.skip("no node here; tests/browser asks kernels")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_view_shows_what_it_was_sent_ahead_at_once_and_no_older_answer_later(tmp_path):
    found = talked(
        tmp_path,
        """
        ahead(2, 0);
        play.ask({ n: 1 });  // unknown: the kernel's word is waited for
        play.ask({ n: 2 });  // known
        answers(1);          // too late
        answers(2);          // what stands there
    """,
    )
    assert found == {"seen": [2], "sent": [1, 2], "shown": 2}


def test_a_view_keeps_answers_for_undo_and_the_kernel_still_hears(tmp_path):
    found = talked(
        tmp_path,
        """
        play.ask({ n: 1 }); answers(1);
        play.ask({ n: 2 }); answers(2);
        play.undo(); play.undo(); play.reset();
        answers(1); answers(0);
    """,
    )
    assert found == {"seen": [1, 2, 1, 0], "sent": [1, 2, 1, 0], "shown": 0}


def test_answers_that_change_are_not_kept(tmp_path):
    found = talked(
        tmp_path,
        """
        state.keeps = false;
        play = open();
        play.ask({ n: 1 }); answers(1);
        model.set("answer", { settings: { n: 1 }, map: [10] });
        play.undo(); await rest();
    """,
    )
    assert found == {"seen": [1, 10], "sent": [1, 0], "shown": 1}


def test_a_view_asks_ahead_while_the_hand_rests_until_it_moves(tmp_path):
    found = talked(
        tmp_path,
        """
        play.ask({ n: 1 }); answers(1);
        await rest();
        const turn = sent.at(-1).ahead;
        ahead(2, turn, true);  // and more
        play.ask({ n: 2 });
        ahead(3, turn, true);  // more there is, but the hand moves
        play.ask({ n: 3 });
    """,
    )
    asked = [one for one in found["sent"] if not isinstance(one, int)]
    assert [one["anew"] for one in asked] == [True, False]
    assert found["seen"] == [1, 2, 3] and found["sent"][-2:] == [2, 3]
