"""Write the README's table of claims from the committed tables, so that no figure is typed.

    python tools/make_claims.py

Each line asks one question of paired runs, as the lesson that it names asks it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from marked import between

from unet_teach.comparisons import load_table, paired

ROOT = Path(__file__).parents[1]
HEAD = """\
| question | answer | difference | 95 % confidence interval | lesson | table |
|---|---|---|---|---|---|"""
NAMES = {"v_rand": "V_rand", "pixel_error": "pixel error"}


@dataclass(frozen=True)
class Claim:
    """Is ``b`` better than ``a``? Asked together with the lesson's other questions."""

    question: str
    lesson: str
    table: str
    a: str
    b: str
    metric: str = "v_rand"
    questions: int = 1

    def line(self) -> str:
        found = paired(load_table(self.table), self.a, self.b, self.metric, self.questions)
        better = (found.mean > 0) == (self.metric == "v_rand")
        answer = ("yes" if better else "no, worse") if found.found else "not settled"
        notebook = next((ROOT / "notebooks").glob(f"{self.lesson}_*.ipynb")).name
        table = f"unet_teach/resources/results/{self.table}.json"
        cells = [
            self.question,
            answer,
            f"{NAMES[self.metric]} {found.mean:+.3f}".replace("-", "−"),
            f"{found.low:+.3f} to {found.high:+.3f}".replace("-", "−"),
            f"[{self.lesson}](notebooks/{notebook})",
            f"[{self.table}]({table})",
        ]
        return f"| {' | '.join(cells)} |"


CLAIMS = (
    Claim("Is bilinear upsampling better than the paper's up-convolution?", "04",
          "compare_merges", "concat, transposed", "concat, bilinear", questions=3),
    Claim("Is padding with zeros as good as \"same\" convolutions?", "05",
          "compare_align", "same", "pad", questions=3),
    Claim("Is adding the skips worse than concatenating them?", "06",
          "compare_merges", "concat, transposed", "add, transposed", questions=8),
    Claim("Is U-Net better with its skips than without, with as many parameters?", "06",
          "compare_matched", "none, 19 channels", "concat, 18 channels", "pixel_error"),
    Claim("Does the weight map gain anything over class weights?", "11",
          "compare_losses", "class weights", "weight map", questions=5),
    Claim("Is Dice alone better than cross-entropy?", "11",
          "compare_losses_fine", "uniform", "Dice", questions=5),
    Claim("Does elastic deformation gain anything over flips and rotations, with 24 slices?",
          "12", "compare_slices", "24 slices, rigid", "24 slices, elastic", questions=8),
    Claim("Is U-Net++ better, with as many operations?", "16",
          "compare_architectures", "U-Net", "U-Net++", questions=4),
    Claim("Is UNet 3+, with as many operations?", "16",
          "compare_architectures", "U-Net", "UNet 3+, deep supervision", questions=4),
)  # fmt: skip


def claims() -> str:
    """The table."""
    return "\n".join([HEAD, *(claim.line() for claim in CLAIMS)])


def with_claims(readme: str) -> str:
    """The README's text with the table of today."""
    return between(readme, "claims", claims())


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(with_claims(path.read_text(encoding="utf-8")), encoding="utf-8")
