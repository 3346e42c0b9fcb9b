"""`my_unet.py`: what passes is kept as it was typed, what is kept is used, nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from unet_teach.exercises import check, exercises, keeping, mine
from unet_teach.exercises.assembled import Practice, Small
from unet_teach.exercises.keeping import parts, read
from unet_teach.exercises.own_file import SECTION
from unet_teach.training import files

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
from solved_parts import Notebook, chain, solved  # noqa: E402

CROP = '''\
def center_crop(x, size):
    """Hers."""
    top, left = (x.shape[-2] - size[0]) // 2, (x.shape[-1] - size[1]) // 2
    return x[..., top : top + size[0], left : left + size[1]]  # her comment
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that the notebook is in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UNET_TEACH_MINE", raising=False)
    return tmp_path


@pytest.fixture
def file(folder):
    return folder / "my_unet.py"


def passed(exercise: str, cell: str, name: str, notebook: Notebook | None = None) -> str:
    """What is said of the file when this cell's answer passes."""
    result = check(exercise, (notebook or Notebook()).run(cell, name))
    assert result.passed, str(result)
    return result.kept


def reference_cell(part: str) -> str:
    """The right answer as a learner could type it, with the imports of its room."""
    import inspect

    module = sys.modules[parts()[part].reference.__module__]
    lines = inspect.getsource(module).split("\n")
    imports = [
        line for line in lines if line.startswith(("import ", "from ")) and "(" not in line
    ]
    imports = [line for line in imports if "__future__" not in line]
    return "\n".join([*imports, "", "", inspect.getsource(parts()[part].reference)])


# ---------------------------------------------------------------------------- writing


def test_a_pass_writes_the_text_as_it_was_typed_and_says_so(file):
    said = passed("05.center_crop", CROP, "center_crop")
    assert said == "`center_crop` is in my_unet.py now."
    assert CROP in file.read_text(encoding="utf-8")
    assert read(file.read_text(encoding="utf-8"), "f").found.keys() == {"center_crop"}


def test_what_is_wrong_is_not_written(file):
    wrong = CROP.replace("// 2", "// 3")
    assert check("05.center_crop", Notebook().run(wrong, "center_crop")).state == "wrong"
    assert not file.exists()


def test_passing_again_replaces_the_section_and_nothing_else(file):
    passed("01.conv_out", CONV, "conv_out")
    passed("05.center_crop", CROP, "center_crop")
    text = file.read_text(encoding="utf-8")
    passed("05.center_crop", CROP.replace("Hers.", "Better."), "center_crop")
    again = file.read_text(encoding="utf-8")
    mark = [
        found["mark"] for found in SECTION.finditer(again) if found["part"] == "center_crop"
    ]
    old = [found["mark"] for found in SECTION.finditer(text) if found["part"] == "center_crop"]
    assert again == text.replace("Hers.", "Better.").replace(old[0], mark[0])
    said = passed("05.center_crop", CROP.replace("Hers.", "Better."), "center_crop")
    assert said == "`center_crop` is in my_unet.py, as it stands."
    assert file.read_text(encoding="utf-8") == again


CONV = "def conv_out(n, k, s=1, p=0, d=1):\n    return (n + 2 * p - d * (k - 1) - 1) // s + 1\n"


def test_sections_stand_in_the_order_of_the_lessons(file):
    order = ("he_std", "conv_out", "contract", "double_conv")
    for part in order:
        passed(parts()[part].name, reference_cell(part), part)
    found = [s["part"] for s in SECTION.finditer(file.read_text(encoding="utf-8"))]
    assert found == ["imports", "conv_out", "double_conv", "contract", "he_std"]


HERS = """'''Mine.'''
from __future__ import annotations

import os  # where am I?


class Note:
    words = '''
# === 05 center_crop (no section)
'''
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_around_the_sections_is_kept_byte_for_byte(end, file):
    theirs = HERS.replace("\n", end)
    file.write_bytes(theirs.encode())
    for part in ("center_crop", "double_conv", "center_crop"):
        cell = reference_cell(part)
        passed(parts()[part].name, cell, part)
        rest = SECTION.sub("", file.read_bytes().decode())
        lines = [line for line in rest.splitlines(keepends=True) if line.strip()]
        assert lines == [line for line in theirs.splitlines(keepends=True) if line.strip()]
        first = cell[cell.index("def ") :].split("\n")[0]
        passed(parts()[part].name, cell.replace(first, f"{first}  # again"), part)
        assert SECTION.sub("", file.read_bytes().decode()) == rest
    text = file.read_bytes().decode()
    assert text.count("# again") == 2
    compile(text, "my_unet.py", "exec")


def test_a_section_changed_by_hand_stays_and_the_pass_says_what_to_do(file):
    passed("05.center_crop", CROP, "center_crop")
    text = file.read_text(encoding="utf-8").replace("# her comment", "# by hand")
    file.write_text(text, encoding="utf-8")
    said = passed("05.center_crop", CROP.replace("Hers.", "New."), "center_crop")
    assert "changed that section by hand" in said and "take the section out" in said
    assert file.read_text(encoding="utf-8") == text
    passed("01.conv_out", CONV, "conv_out")  # others come in all the same
    assert "# by hand" in file.read_text(encoding="utf-8")
    section = next(
        s for s in SECTION.finditer(file.read_text(encoding="utf-8")) if s["lesson"] == "05"
    )
    file.write_text(file.read_text(encoding="utf-8").replace(section[0], ""), encoding="utf-8")
    assert passed("05.center_crop", CROP, "center_crop").endswith("now.")  # as it said


def test_other_ends_of_lines_are_no_change_by_hand(file):
    passed("05.center_crop", CROP, "center_crop")
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    new = CROP.replace("Hers.", "New.")
    assert passed("05.center_crop", new, "center_crop").endswith("now.")


def test_imports_changed_by_hand_stay(file):
    passed("03.double_conv", reference_cell("double_conv"), "double_conv")
    text = file.read_text(encoding="utf-8").replace(
        "from torch import nn", "import os  # hers\nfrom torch import nn"
    )
    file.write_text(text, encoding="utf-8")
    passed(parts()["contract"].name, reference_cell("contract"), "contract")
    text = file.read_text(encoding="utf-8")
    assert "import os  # hers\n" in text and "from torch.nn import functional as F\n" in text
    passed(parts()["train_step"].name,
           reference_cell("train_step"), "train_step")  # fmt: skip
    assert "import os  # hers\n" in file.read_text(encoding="utf-8")


def test_a_file_that_is_no_python_is_reported_and_stays(file):
    file.write_text("x = 1\ndef half(\n", encoding="utf-8")
    said = passed("05.center_crop", CROP, "center_crop")
    assert said.startswith("Not put into my_unet.py: line 2 of it isn't Python"), said
    assert file.read_text(encoding="utf-8") == "x = 1\ndef half(\n"


def test_a_function_of_that_name_outside_of_the_sections_stays(file):
    file.write_text(CROP, encoding="utf-8")
    said = passed("05.center_crop", CROP, "center_crop")
    assert "there is another `center_crop` in it already" in said
    assert file.read_text(encoding="utf-8") == CROP


# ------------------------------------------------------------------------- what comes along

WITH_HELPERS = """\
def center_crop(x, size):
    (top, height), (left, width) = map(margin, x.shape[-2:], size)
    return x[..., top : top + height, left : left + width]
"""


def test_helpers_imports_and_constants_of_other_cells_come_along(file):
    notebook = Notebook()
    notebook.run("import math as m, os\nfrom torch import Tensor, nn\nPARTS = 2\nx = nn.ReLU()")
    notebook.run("def margin(n, new):\n    return m.floor((n - new) / PARTS), new  # half\n")
    said = passed("05.center_crop", WITH_HELPERS, "center_crop", notebook)
    assert said.endswith("now.")
    text = file.read_text(encoding="utf-8")
    assert "\nimport math as m\n# === end imports" in text  # and no other
    assert text.index("PARTS = 2") < text.index(
        "return m.floor((n - new) / PARTS), new  # half"
    )
    assert text.index("def margin") < text.index("def center_crop")
    assert "ReLU" not in text  # a local x is not the notebook's x


def test_a_class_and_its_base_come_along(file):
    notebook = Notebook()
    notebook.run("from torch import nn")
    notebook.run("class Base(nn.Sequential):\n    pass  # nothing yet\n")
    cell = """\
class double_conv(Base):
    def __init__(self, a, b):
        super().__init__(nn.Conv2d(a, b, 3), nn.ReLU(), nn.Conv2d(b, b, 3), nn.ReLU())
"""
    assert passed("03.double_conv", cell, "double_conv", notebook).endswith("now.")
    text = file.read_text(encoding="utf-8")
    assert text.index("pass  # nothing yet") < text.index(cell)


def test_a_decorator_that_keeps_the_name_comes_along(file):
    notebook = Notebook()
    notebook.run("import torch")
    assert passed("05.center_crop", f"@torch.no_grad()\n{CROP}", "center_crop", notebook)
    assert f"@torch.no_grad()\n{CROP}" in file.read_text(encoding="utf-8")


def test_an_answer_of_another_name_is_there_under_the_parts_name(file):
    passed("05.center_crop", CROP.replace("center_crop", "crop"), "crop")
    assert "\n\n\ncenter_crop = crop\n" in file.read_text(encoding="utf-8")
    assert mine("center_crop").center_crop.__name__ == "crop"


SET = "import torch\nspare = torch.tensor(2)\n"
REFUSED = {
    "a lambda": ("center_crop = lambda x, size: crop(x, size)", "a `lambda` has no name"),
    "exec": ("exec(CROP)", "the text of `center_crop` cannot be found"),
    "inside": (
        "def make():\n    def center_crop(x, size):\n        return crop(x, size)\n"
        "    return center_crop\ncenter_crop = make()",
        "`center_crop` is made inside of another function",
    ),
    "a decorator without wraps": (
        "def loud(f):\n    def center_crop(*a):\n        return f(*a)\n    return center_crop\n"
        f"@loud\n{CROP}",
        "`center_crop` is made inside of another function",
    ),
    "a partial": (
        "import functools\ndef swapped(size, x):\n    return crop(x, size)\n"
        "center_crop = functools.partial(lambda x, size: crop(x, size))",
        "neither a function nor a class",
    ),
    "an object": (
        "class Crop:\n    def __call__(self, x, size):\n        return crop(x, size)\n"
        "center_crop = Crop()",
        "neither a function nor a class",
    ),
    "a tensor outside": (
        SET + CROP.replace("// 2", "// int(spare)"),
        "`center_crop` uses `spare`, which is set elsewhere",
    ),
    "a counter": (
        "calls = 0\n" + CROP.replace('"""Hers."""', "global calls; calls += 1"),
        "it changes the global `calls`",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_taken_along_is_said_in_a_sentence(kind, file):
    cell, words = REFUSED[kind]
    notebook = Notebook()
    notebook.names["CROP"] = CROP
    notebook.run(CROP.replace("center_crop", "crop"))
    said = passed("05.center_crop", cell, "center_crop", notebook)
    assert said.startswith("Not put into my_unet.py: ") and words in said, said
    assert said.count("\n") == 0 and not file.exists()


def test_what_passes_only_in_the_notebook_is_not_written(file):
    """A constant that is plain now, and was something else when the function was made."""
    notebook = Notebook()
    cell = "def spare(n):\n    return n // TWO\nTWO = 2\n" + CROP.replace(
        "// 2", "// spare(4)"
    ).replace("def center_crop(x, size):", "def center_crop(x, size, spare=spare):")
    answer = notebook.run(cell, "center_crop")
    notebook.names["TWO"] = 4
    notebook.names["spare"].__globals__["TWO"] = 4
    kept = keeping.keep(parts()["center_crop"], answer)
    assert "it passes here, but not in that file" in kept and not file.exists()


def test_an_import_that_nothing_reads_any_more_goes(file):
    cell = f"import math\n{CROP.replace('// 2', '// math.floor(2.5)')}"
    passed("05.center_crop", cell, "center_crop")
    assert "import math" in file.read_text(encoding="utf-8")
    passed("05.center_crop", CROP, "center_crop")
    assert "import math" not in file.read_text(encoding="utf-8")


def test_two_helpers_of_one_name_are_refused(file):
    one, other = Notebook(), Notebook()
    one.run("def half(n):\n    return n // 2\n")
    crop = CROP.replace("(x.shape[-2] - size[0]) // 2", "half(x.shape[-2] - size[0])")
    assert passed("05.center_crop", crop, "center_crop", one).endswith("now.")
    before = file.read_bytes()
    other.run("def half(n):\n    return n / 2\n")
    conv = CONV.replace("2 * p", "int(4 * half(p))")
    said = passed("01.conv_out", conv, "conv_out", other)
    assert "there is another `half` in it already" in said and file.read_bytes() == before


def test_her_part_takes_the_place_of_the_librarys_where_both_do_the_same(file):
    passed("07.forward", reference_cell("forward"), "forward")
    assert "from unet_teach.layers import center_crop" in file.read_text(encoding="utf-8")
    passed("05.center_crop", CROP, "center_crop")
    assert "import center_crop" not in file.read_text(encoding="utf-8")
    assert mine("forward").forward.__globals__["center_crop"].__doc__ == "Hers."


def test_her_part_does_not_take_the_place_of_something_else(file):
    """The library's function of that name takes other arguments."""
    cell = reference_cell("stitch").replace("tiling.mirror_pad", "mirror_pad")
    passed("13.stitch", "from unet_teach.tiling import mirror_pad\n" + cell, "stitch")
    before = file.read_bytes()
    said = passed("13.mirror_pad", reference_cell("mirror_pad"), "mirror_pad")
    assert said == (
        "Not put into my_unet.py: `stitch` there needs `from unet_teach.tiling import "
        "mirror_pad`, and would not pass with yours."
    )
    assert file.read_bytes() == before


# --------------------------------------------------------------------- where nothing is written


def test_answers_of_modules_and_other_exercises_are_not_written(file):
    assert check("05.center_crop", parts()["center_crop"].reference).kept == ""
    passed(
        exercises("05")[2].name,
        "def f(n, depth):\n    return [n // 2**i % 2 for i in range(depth)]",
        "f",
    )
    assert not file.exists()


def test_off_is_off_and_a_folder_may_be_named(file, tmp_path, monkeypatch):
    monkeypatch.setenv("UNET_TEACH_MINE", "off")
    assert passed("05.center_crop", CROP, "center_crop") == "" and not file.exists()
    (tmp_path / "drive").mkdir()
    monkeypatch.setenv("UNET_TEACH_MINE", str(tmp_path / "drive"))
    passed("05.center_crop", CROP, "center_crop")
    assert (tmp_path / "drive" / "my_unet.py").exists() and not file.exists()


def test_the_graders_process_neither_writes_nor_gives_answers(file):
    run = """
from unet_teach.classroom.child import hide_answers
handed = hide_answers(["05"], {})
from unet_teach.exercises import check, mine
crop = mine("center_crop").center_crop
check("05.center_crop", crop)
try:
    crop()
except RuntimeError as error:
    print(*handed, error)
"""
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip
    assert done.stdout == (
        "05.center_crop center_crop of my_unet.py is not there while you are graded\n"
    ), done.stderr
    assert not file.exists()


def test_a_disk_that_is_full_costs_no_pass_and_leaves_the_old_file(file, monkeypatch):
    passed("05.center_crop", CROP, "center_crop")
    before = file.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    said = passed("01.conv_out", CONV, "conv_out")
    assert "could not be written" in said and "disk is full" in said
    assert file.read_bytes() == before and os.listdir(file.parent) == ["my_unet.py"]


def test_a_kill_before_the_rename_leaves_the_old_file(file, monkeypatch):
    passed("05.center_crop", CROP, "center_crop")
    before = file.read_bytes()

    def killed(one, other):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        passed("01.conv_out", CONV, "conv_out")
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_written_costs_no_pass(file, tmp_path, monkeypatch):
    monkeypatch.setenv("UNET_TEACH_MINE", str(tmp_path / "gone"))
    assert "my_unet.py could not be written" in passed("05.center_crop", CROP, "center_crop")


def test_colab_says_how_to_carry_the_file_over(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    assert "download my_unet.py" in passed("05.center_crop", CROP, "center_crop")


# ----------------------------------------------------------------------------------- reading


def test_mine_takes_hers_and_the_librarys_and_says_which(file, capsys):
    passed("05.center_crop", CROP, "center_crop")
    found = mine("double_conv", "center_crop")
    assert found.center_crop.__doc__ == "Hers."
    assert found.double_conv is parts()["double_conv"].reference
    assert capsys.readouterr().out == "parts: yours: center_crop · the library's: double_conv\n"


def test_mine_does_not_take_what_no_longer_passes(file, capsys):
    passed("05.center_crop", CROP, "center_crop")
    file.write_text(file.read_text(encoding="utf-8").replace("// 2", "// 1"), encoding="utf-8")
    assert mine("center_crop").center_crop is parts()["center_crop"].reference
    out = capsys.readouterr().out
    assert "your `center_crop` in my_unet.py does not pass:\n  ✗ 05.center_crop: not yet" in out
    assert out.endswith("parts: the library's: center_crop\n")


def test_a_part_that_uses_a_broken_one_is_not_blamed(file, capsys):
    from unet_teach.cli import main

    for name in ("center_crop", "forward"):
        passed(parts()[name].name, reference_cell(name), name)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("top : top + height", "0:height"), encoding="utf-8")
    mine("forward")
    why = "it uses your `center_crop`, which does not pass: fix that first"
    assert f"your `forward` in my_unet.py does not pass:\n  {why}" in capsys.readouterr().out
    assert main(["mine"]) == 1
    out = capsys.readouterr().out
    assert f"forward         yours: differs from the library's\n    {why}" in out
    assert "2 of 17 parts are yours, and 2 of them don't pass" in out


@pytest.mark.parametrize(
    "text, words",
    [
        ("x = 1\nif x\n", "line 2: expected ':'"),
        ("x = 1\n\ny = 1 / 0\n", "line 3: ZeroDivisionError"),
        ("exit()\n", "line 1: "),
        ("import no_such_module_at_all\n", "line 1: ModuleNotFoundError"),
        ("while True:\n    pass\n", "does not come to its end"),
    ],
)
def test_a_file_that_does_not_run_is_said_with_its_line(text, words, file, capsys, monkeypatch):
    monkeypatch.setattr(keeping, "SECONDS", 0.3)
    file.write_text(text, encoding="utf-8")
    assert mine("he_std").he_std is parts()["he_std"].reference
    out = capsys.readouterr().out
    assert out.startswith("my_unet.py does not run: ") and words in out, out


def test_mine_names_the_parts_that_there_are():
    with pytest.raises(ValueError, match="no part 'crop'; valid: conv_out, "):
        mine("crop")


# --------------------------------------------------------------------------------- the chain


@pytest.mark.parametrize("chosen", ["all", "none", "every second"])
def test_the_chain_of_lessons(chosen, file, capsys):
    """Each lesson's answer is checked, then later lessons take what is there."""
    step = {"all": 1, "none": 99, "every second": 2}[chosen]
    hers = [name for number, name in enumerate(parts(), 1) if number % step == 0]
    for name in hers:
        assert passed(parts()[name].name, reference_cell(name), name).endswith("now."), name
    capsys.readouterr()
    found = vars(mine(*parts()))
    others = [name for name in parts() if name not in hers]
    assert capsys.readouterr().out.splitlines() == [keeping.in_a_line(hers, others)]
    assert all((found[n] is parts()[n].reference) == (n in others) for n in parts())
    if hers:  # the file stands on its own
        run = "import my_unet; print(*vars(my_unet))"
        done = subprocess.run(
            [sys.executable, "-c", run], cwd=file.parent, capture_output=True, text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert set(hers) <= set(done.stdout.split()), done.stderr
        text = file.read_text(encoding="utf-8")
        tops = {line.split()[1].split(".")[0] for line in text.splitlines()
                if line.startswith(("import ", "from "))}  # fmt: skip
        assert tops <= {"torch", "numpy", "unet_teach"}

    # Cells of later lessons, as the learner runs them, with what is hers and what isn't.
    names = run_cells("07_build_unet", "setup", "parts", "my-unet")
    for part, taken in (
        ("forward", names["MyUNet"].forward),
        ("double_conv", names["double_conv"]),
        ("up_conv", names["up_conv"]),
    ):
        assert (taken is parts()[part].reference) == (part not in hers)
    parts_of = SimpleNamespace(**found)
    practice = Practice(Small(parts_of, whole=True), parts_of.train_step, steps=2, keep=(0, 2))
    assert len(practice.run()) == 2 and [*practice.kept] == ["step 0", "step 2"]
    first, last = (weights.values() for weights in practice.kept.values())
    assert any((a != b).any() for a, b in zip(first, last, strict=True))


def run_cells(lesson: str, *cells: str) -> dict:
    """What some cells of a lesson leave behind, run one after the other."""
    source = (ROOT / "notebooks" / "src" / f"{lesson}.py").read_text(encoding="utf-8")
    names: dict = {}
    for cell in cells:
        code = source.split(f'# %% id="{cell}" ')[1].split("# %%")[0].split("\n", 1)[1]
        exec(code, names)
    return names


def test_the_solved_lessons_are_a_chain(file, capsys):
    """Before each lesson all parts of earlier ones are there, and pass; none of a later one."""
    before = chain()
    for lesson in ("00", "04", "08", "16"):
        file.write_text(before[lesson], encoding="utf-8")
        hers = [name for name, part in parts().items() if part.name[:2] < lesson]
        others = [name for name in parts() if name not in hers]
        mine(*parts())
        said = capsys.readouterr().out.splitlines()
        assert said == [keeping.in_a_line(hers, others)]
    assert len(hers) == len(parts()) == 17


ODD = """import torch
from torch import nn


class double_conv(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.second = nn.Conv2d(out_channels, out_channels, 3)
        self.first = nn.Conv2d(in_channels, out_channels, 3)

    def forward(self, x):
        return torch.relu(self.second(torch.relu(self.first(x))))
"""


def test_lesson_07_builds_its_network_of_her_parts(file, capsys):
    """Whatever her layers are called, and in whatever order they are registered."""
    assert passed("03.double_conv", ODD, "double_conv").endswith("now.")
    assert passed("07.forward", reference_cell("forward"), "forward").endswith("now.")
    names = run_cells("07_build_unet", "setup", "parts", "my-unet")
    assert type(names["my_unet"].contract[0]).__module__ != "unet_teach.layers"
    assert [*dict(names["my_unet"].expand[0].named_children())] == ["second", "first"]
    said = capsys.readouterr().out
    assert "yours: double_conv" in said and "yours: forward" in said
    assert names["mine_gives"].shape == (1, 2, 388, 388)
    assert (names["mine_gives"] - names["library_gives"]).abs().max() < 1e-6


def test_in_a_real_kernel(folder, monkeypatch):
    """The cells of the solved lesson 05, in a kernel: its text is found there, too."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    _setup, cell = solved("05")["center_crop"]
    cells = [
        "from unet_teach.exercises import check, mine",
        cell,
        'result = check("05.center_crop", center_crop); print(result.kept)',
        'crop = mine("center_crop").center_crop',
        "class double_conv(nn.Sequential):\n    'Hers.'\n    def __init__(self, a, b):\n"
        "        parts = nn.Conv2d(a, b, 3), nn.ReLU(), nn.Conv2d(b, b, 3), nn.ReLU()\n"
        "        super().__init__(*parts)",
        'print(check("03.double_conv", double_conv).kept)',
    ]
    cells.insert(1, "%matplotlib inline\nfrom torch import nn")
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    path = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, timeout=120, resources=path).execute()
    said = "".join(
        o.text for c in notebook.cells for o in c.outputs if o.output_type == "stream"
    )
    assert said.splitlines() == [
        "`center_crop` is in my_unet.py now.",
        "parts: yours: center_crop",
        "`double_conv` is in my_unet.py now.",
    ]
    text = (folder / "my_unet.py").read_text(encoding="utf-8")
    assert cell.strip() in text and "class double_conv(nn.Sequential):\n    'Hers.'\n" in text


# ------------------------------------------------------------------------ the command line


def test_the_command_shows_what_is_hers_and_what_differs(file, capsys):
    from unet_teach.cli import main

    assert main(["mine"]) == 0
    assert "0 of 17 parts are yours" in capsys.readouterr().out
    passed("05.center_crop", CROP, "center_crop")
    passed("01.conv_out", CONV, "conv_out")
    assert main(["mine"]) == 0
    out = capsys.readouterr().out
    assert "01  conv_out        yours: agrees with the library's in 110 cases" in out
    assert "07  forward         the library's; yours when 07.forward passes" in out
    file.write_text(
        file.read_text(encoding="utf-8").replace("// s + 1", "// s"), encoding="utf-8"
    )
    assert main(["mine", str(file)]) == 1
    heard = capsys.readouterr()
    assert "conv_out        yours, changed by hand: differs from the library's" in heard.out
    assert "    with conv_out(" in heard.out and "    got 0" in heard.out
    assert f"not passed: conv_out; fix it in {file}" in heard.err
    file.write_text("x = ", encoding="utf-8")
    assert main(["mine"]) == 1 and "does not run: line 1" in capsys.readouterr().err
    assert main(["mine", "nowhere.py"]) == 1


@pytest.mark.parametrize("hers", [("double_conv", "center_crop", "contract"), ("forward",), ()])
def test_it_trains_with_her_parts_and_says_whose_they_were(hers, file, capsys):
    from unet_teach.cli import main

    for name in hers:
        cell = reference_cell(name)
        passed(parts()[name].name, cell, name)
    before = sorted(path.name for path in file.parent.iterdir())
    capsys.readouterr()
    assert main(["mine", "--train", "--steps", "2", "--folder", "kept/run"]) == 0
    out = capsys.readouterr().out
    used = ["double_conv", "contract", "up_conv", "center_crop", "he_std", "train_step"]
    if "forward" in hers:  # hers goes down itself, and calls the crop of its own file
        used = ["double_conv", "up_conv", "center_crop", "forward", "he_std", "train_step"]
    yours = [name for name in used if name in hers]
    assert keeping.in_a_line(yours, [n for n in used if n not in hers]) in out.splitlines()
    assert "of the pixels right; one answer for all: " in out
    run = file.parent / "kept" / "run"
    assert sorted(p.name for p in run.iterdir()) == [
        "log.jsonl",
        "prediction.png",
        "weights.pt",
    ]
    assert sorted(path.name for path in file.parent.iterdir()) == sorted([*before, "kept"])
