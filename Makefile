# The whole workflow. PYTHON is the interpreter of an environment with `pip install -e ".[dev]"`.
PYTHON ?= python
# An interpreter with deepbench==0.2.3; `make bench` makes this one.
DEEPBENCH ?= benchmarks/.venv-deepbench/bin/python

.PHONY: help install test check fix bench arm wheel golden gallery card deepbench

help:
	@echo "install test check fix bench arm wheel golden gallery card deepbench"

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

# The golden digests on an emulated ARM processor, of all configs or of CONFIGS; needs Debian's
# package tools.
arm:
	bash tools/arm.sh $(CONFIGS)

wheel:
	$(PYTHON) -m build --wheel

# Write the golden digests anew: only with a new generator version and a line in CHANGELOG.md.
golden:
	$(PYTHON) -m tools.golden

# Write the rendered dataset card of all configs anew, with its figures.
card:
	$(PYTHON) -m tools.rendered_card

# Draw the pictures of docs/gallery anew.
gallery:
	$(PYTHON) -m tools.gallery

# Ask DeepBench anew, and draw the pictures of docs/deepbench.
deepbench:
	mkdir -p build/deepbench
	cd build/deepbench && for what in oracles figures; do \
		$(abspath $(DEEPBENCH)) ../../benchmarks/deepbench_reference.py $$what $$what.npz; done
	cp build/deepbench/oracles.npz tests/oracles/deepbench.npz
	$(PYTHON) -m tools.deepbench_figures build/deepbench/figures.npz
