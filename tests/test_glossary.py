"""The glossary and the references: in order, complete, and without dead links inside."""

import re
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
PAGES = ("glossary", "references")
# What the lessons' prose must be able to look up: the words that are taught by name.
TAUGHT = """
generalise, overfitting, validation set, test set, epoch, batch, baseline, learning rate,
confidence interval, power, mixed precision, autocast, underflow, loss scaling, max
pooling, channel, bias, logit, softmax, receptive field, inference, data leakage, mutual
information, standard deviation, test-time augmentation, bottleneck, contracting path,
expansive path, feature map, ground truth, bonferroni correction
"""


def text(name):
    return (NOTEBOOKS / f"{name}.md").read_text(encoding="utf-8")


def entries():
    """(term, its sentences) of the glossary."""
    parts = re.split(r"^## (.+)\n", text("glossary"), flags=re.M)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def test_about_sixty_terms_in_order_each_once():
    terms = [term.lower().replace("-", " ") for term, _words in entries()]
    assert 55 <= len(terms) <= 80
    assert terms == sorted(set(terms))


@pytest.mark.parametrize(("term", "words"), entries(), ids=[term for term, _words in entries()])
def test_a_term_is_a_sentence_or_two_and_the_lesson_that_teaches_it(term, words):
    said = re.sub(r"\[\d\d\]\([^)]+\)", "", words).strip()
    assert said.endswith((".", ".)")) and 6 <= len(said.split()) <= 60
    lessons = re.findall(r"\[(\d\d)\]\(([^)]+)\)", words)
    assert lessons and all(path.startswith(number) for number, path in lessons)


def test_what_is_taught_by_name_can_be_looked_up():
    known = {term.lower() for term, _words in entries()}
    assert {word.strip() for word in TAUGHT.replace("\n", " ").split(",")} <= known


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)\s]+)\)", text(page))
    assert targets
    for target in targets:
        if target.startswith("https://"):
            forms = (
                r"https://(doi\.org/10\.\d{4,}/\S+|arxiv\.org/abs/\d{4}\.\d{4,5}|\S+\.\w+/\S+)"
            )
            assert re.fullmatch(forms, target), target
        else:
            assert (NOTEBOOKS / target).is_file(), target


def test_who_is_named_in_the_lessons_is_in_the_references():
    named = """Ronneberger Dumoulin Araujo Odena He Long Luo Cireşan Arganda-Carreras Cardona
    Zhou Isensee Oktay Simard Micikevicius""".split()
    missing = [name for name in named if f" {name}" not in text("references")]
    assert missing == []
