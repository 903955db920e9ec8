# The whole workflow. PYTHON is the interpreter of an environment with `pip install -e ".[dev]"`.
PYTHON ?= python

.PHONY: help install test check fix bench arm wheel golden gallery card

help:
	@echo "install test check fix bench arm wheel golden gallery card"

install:
	$(PYTHON) -m pip install -e ".[dev]"

test:
	$(PYTHON) -m pytest

check:
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m pyright --pythonpath "$$($(PYTHON) -c 'import sys; print(sys.executable)')"

fix:
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

bench:
	$(PYTHON) -m benchmarks

# The golden digests on an emulated ARM processor; needs Debian's package tools.
arm:
	bash tests/arm.sh

wheel:
	$(PYTHON) -m build --wheel

# Write the golden digests anew: only with a new generator version and a line in CHANGELOG.md.
golden:
	$(PYTHON) -m tests.golden

# Write the rendered dataset card of all configs anew, with its figures.
card:
	$(PYTHON) -m tests.rendered_card

# Draw the pictures of docs/gallery anew.
gallery:
	$(PYTHON) -m tests.gallery
