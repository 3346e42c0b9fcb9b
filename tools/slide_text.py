"""What of a lesson's cell stands on a slide.

Prose of at most `WHOLE` words stays whole, and so does every verdict, whose conditions must not
be lost. Of more the heading stays, the first two sentences, every question, what is bold,
lists, formulas and quotations. The rest is for the speaker notes.
"""

from __future__ import annotations

import ast
import re

WHOLE = 95  # words that a slide can say in one piece
HEADING = re.compile(r"^#{1,6} .*$", re.M)
VERDICT = re.compile(r"\*\*[^*]*\bfound\b[^*]*\*\*", re.I)
SECTION = re.compile(r"^#{1,3} (?!Exercise|Discuss).*$", re.M)
TRACK = re.compile(r"^\*\(one-lesson track.*?\)\*\n*", re.M)
FOLD = re.compile(r"<details>.*?</details>\n*", re.S)
STUCK = re.compile(r"\s*Stuck\?\s+`[^`]*`[^.]*\.")
SENTENCE = re.compile(r".+?[.?!](?:[\"”*)]*)(?=\s+[A-Z\"“*`(]|\s*$)", re.S)
TAG = re.compile(r"<math.*?</math>|<[^>]+>", re.S)


def section(text: str) -> str:
    """The last heading of a text that opens a section, as it is written, or nothing."""
    return (SECTION.findall(text) or [""])[-1]


def words(text: str) -> int:
    """Words that are seen: a formula counts as one."""
    return len(re.findall(r"\w[\w’'-]*", TAG.sub(" x ", text)))


def shortened(text: str) -> str:
    """A prose cell as a slide shows it.

    Examples
    --------
    >>> shortened("Stuck? `hint(1)`.\\n\\n## New\\n\\nShort.")
    '## New\\n\\nShort.'
    """
    text = STUCK.sub("", FOLD.sub("", TRACK.sub("", text)))
    if found := HEADING.search(text):
        text = text[found.start() :]
    blocks = [block.strip() for block in re.split(r"\n{2,}", text) if block.strip()]
    paragraphs = [block for block in blocks if not _stays(block)]
    if sum(map(words, paragraphs)) > WHOLE and not VERDICT.search(text):
        first = paragraphs[0]
        kept = [block if _stays(block) else _short(block, block is first) for block in blocks]
        blocks = [block for block in kept if block]
    return "\n\n".join(blocks)


def _stays(block: str) -> bool:
    """Headings, lists, formulas, pictures, quotations, code and tables are never cut."""
    return bool(re.match(r"#|[-*] |\d+\. |<|>|```|\|", block))


def _short(paragraph: str, first: bool) -> str:
    """The first two sentences of a first paragraph; of any, questions and what is bold."""
    if paragraph.endswith(":"):  # it leads to a list
        return paragraph
    kept = []
    for place, sentence in enumerate(SENTENCE.findall(paragraph)):
        asks = sentence.rstrip('”"*)').endswith("?")
        if (first and place < 2) or asks or "**" in sentence:
            kept.append(sentence.strip())
    return " ".join(kept)


def without_asserts(code: str) -> str:
    """Code without its assert statements: they prove, and are not for the wall.

    Examples
    --------
    >>> without_asserts("x = 1\\nassert x == 1\\nprint(x)")
    'x = 1\\nprint(x)'
    """
    lines = code.splitlines()
    for node in ast.walk(ast.parse(code)):
        for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
            if not isinstance(body, list):
                continue
            proofs = [part for part in body if isinstance(part, ast.Assert)]
            if len(proofs) < len(body) or isinstance(node, ast.Module):
                for proof in proofs:
                    lines[proof.lineno - 1 : proof.end_lineno] = [None] * (
                        proof.end_lineno - proof.lineno + 1
                    )
    kept = "\n".join(line for line in lines if line is not None)
    return re.sub(r"\n{3,}", "\n\n", kept).strip()
