# `make` alone prints what there is to type. Any target may be the first one.

PYTHON ?=
TORCH ?=
LAB_FLAGS ?=
JOBS ?= 2

BIN = .venv/bin/python
READY = .venv/.ready
# One thread a worker: two workers on two cores are quicker than torch's own threads.
PYTEST = OMP_NUM_THREADS=1 $(BIN) -m pytest -q
NBVAL = --nbval-lax --nbval-current-env --nbval-cell-timeout=120
# What JupyterLab's list of files leaves out: a learner sees lessons, and my_unet.py.
ONLY_LESSONS = '--ContentsManager.hide_globs=["src", "solutions", "translations", "conftest.py", "__pycache__"]'

.DEFAULT_GOAL := help
.PHONY: help lab mine test test-browser test-slow lint format notebooks book slides one-lesson links colab lesson artefacts figures clean

help:  ## print this list
	@echo "U-Net, one measured step at a time. On a fresh machine, type one of the first two:"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  make lab TORCH=cpu        the small CPU build of torch (Linux without an NVIDIA card)"
	@echo "  make lab PYTHON=python3.12    another Python, 3.11 or newer, at the first set-up"
	@echo "  make lab LAB_FLAGS='--no-browser --port=8890'    options for JupyterLab"
	@echo "  make test JOBS=4          as many tests at a time"

lab: $(READY)  ## create .venv, install, open JupyterLab on the course
	$(BIN) -m jupyterlab $(ONLY_LESSONS) $(LAB_FLAGS) notebooks/00_start_here.ipynb

mine: $(READY)  ## train a small U-Net of the parts in your my_unet.py (a minute)
	$(BIN) -m unet_teach mine --train

test: $(READY)  ## create .venv, install, run the tests and the notebooks (minutes)
	$(PYTEST) -n $(JOBS) --dist loadfile $(NBVAL) unet_teach tests notebooks --ignore=notebooks/solutions
	UNET_TEACH_EXECUTED=build/executed UNET_TEACH_STRICT=1 \
		$(PYTEST) -n $(JOBS) --dist loadfile $(NBVAL) notebooks/solutions

# One more than there are cores: who looks at a page waits half of the time.
test-browser: .venv/.browser  ## every lesson in a real browser, every control moved (minutes)
	$(BIN) tools/chromium.py
	$(PYTEST) -n $$(($(JOBS) + 1)) tests/browser

test-slow: $(READY)  ## the tests that `make test` leaves out because they take long
	$(PYTEST) -n $(JOBS) -m slow unet_teach tests || [ $$? -eq 5 ]

lint: $(READY)  ## check style, and that the code is formatted
	$(BIN) -m ruff check .
	$(BIN) -m ruff format --check .
	.venv/bin/oxlint -c tools/oxlint.json unet_teach book tools

format: $(READY)  ## put the code into the house's format
	$(BIN) -m ruff check --fix .
	$(BIN) -m ruff format .

notebooks: $(READY)  ## build notebooks/*.ipynb from notebooks/src/*.py
	$(BIN) tools/build_notebooks.py

book: .venv/.book  ## build/book: a site of all lessons, as they ran in `make test`
	$(BIN) tools/build_book.py

slides: .venv/.book  ## build/slides: the teacher's slides, a deck a lesson
	$(BIN) tools/build_slides.py

one-lesson: $(READY)  ## build/one_lesson.ipynb: ninety minutes, parts of some lessons
	$(BIN) tools/one_lesson.py

links: $(READY)  ## point every badge and link at REPO=owner/name
	$(BIN) tools/links.py $(REPO)
	$(BIN) tools/build_notebooks.py

colab: $(READY)  ## replay Colab: its versions, its first cell, all solved lessons (minutes)
	$(BIN) tools/replay_colab.py

lesson: $(READY)  ## the scaffold of a new lesson: N=17 NAME=attention
	$(BIN) tools/make_lesson.py "$(N)" "$(NAME)"

artefacts: $(READY)  ## make all that is generated; LESSON=17, what that lesson needs
	$(BIN) tools/artefacts.py $(LESSON)

figures: $(READY)  ## draw the lessons' pictures in assets/, from synthetic membranes
	$(BIN) tools/lesson_figures.py
	$(BIN) tools/make_twins.py

clean:  ## remove .venv and what was built; runs and data stay
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis
	find unet_teach tests tools notebooks -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.book .venv/.browser: .venv/.%: $(READY)
	$(BIN) -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[$*]'
	touch $@

$(READY): pyproject.toml constraints.txt tools/make_venv.sh
	@PYTHON="$(PYTHON)" TORCH="$(TORCH)" sh tools/make_venv.sh
