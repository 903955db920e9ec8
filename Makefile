# The whole workflow. PYTHON is the interpreter of an environment with `pip install -e ".[dev]"`.
PYTHON ?= python
# An interpreter with deepbench==0.2.3; `make bench` makes this one.
DEEPBENCH ?= benchmarks/.venv-deepbench/bin/python

# The commit that bench-quick compares with.
REF ?= HEAD~1

.PHONY: help install test check fix bench bench-quick arm wheel all golden thorough reference tables architecture docs browser release card bounds mutants deepbench slurm scale

help:
	@echo "install test check fix all bench bench-quick arm wheel golden thorough reference architecture docs browser release card bounds mutants deepbench slurm scale"

install:
	$(PYTHON) -m pip install -e ".[dev]"

test:
	$(PYTHON) -m pytest

check:
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -c "from importlinter.cli import lint_imports_command as check; check()"
	$(PYTHON) -m pyright --pythonpath "$$($(PYTHON) -c 'import sys; print(sys.executable)')"

fix:
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

bench:
	$(PYTHON) -m benchmarks

# This commit against REF, in two minutes: fails if a config is clearly slower.
bench-quick:
	$(PYTHON) -m benchmarks.against $(REF)

# The golden digests on an emulated ARM processor, of all configs or of CONFIGS; needs Debian's
# package tools.
arm:
	bash tools/arm.sh $(CONFIGS)

wheel:
	$(PYTHON) -m build --wheel

# What is made from the sources and kept in git, written anew; see that only what you meant differs.
all: golden reference tables architecture

# Golden digests: a change of an old one needs a new generator version and a line in CHANGELOG.md.
golden:
	$(PYTHON) -m tools.golden

# The tests with every shipped config in turn, not only one of each simulator and noise.
thorough:
	ALL_CONFIGS=1 $(PYTHON) -m pytest -n auto

# The reference of the command line.
reference:
	$(PYTHON) -m tests.cli.test_cli_reference

# The tables and the picture of README.md, and docs/configs.md.
tables:
	$(PYTHON) -m tools.readme

# The picture of docs/architecture.md.
architecture:
	$(PYTHON) -m tools.architecture

# The site, in build/site/html: every page, and the code of every page is run. Needs the extra docs.
docs:
	$(PYTHON) -m tools.site

# The site and the explorer in Chromium, screenshots in build/browser. Needs the extra browser,
# Debian's package chromium, and `make docs` before.
browser:
	$(PYTHON) -m tools.browser

# All that a release is, in dist/ and build/: wheel, site, card, Space; then the Space and the wheel
# by themselves.
release: wheel docs card
	rm -rf build/space build/release
	$(PYTHON) -m deepbench_hf explore --export build/space
	cd build/space && $(PYTHON) -c "import app, deepbench_hf, os; \
		assert deepbench_hf.__file__.startswith(os.getcwd()); app.page('shapes')"
	$(PYTHON) -m venv build/release
	build/release/bin/pip install -q dist/*.whl
	mkdir build/release/empty
	cd build/release/empty && ../bin/python "$(CURDIR)/tools/smoke.py"

# The dataset card of all configs with its figures, in build/card.
card:
	$(PYTHON) -m tools.rendered_card

# Small rows of every simulator and noise with every index of every kernel checked; of every config
# at its own size with CONFIGS=--all.
bounds:
	NUMBA_BOUNDSCHECK=1 NUMBA_OPT=0 HF_HOME=build/bounds $(PYTHON) -m tools.bounds $(CONFIGS)

# Planted defects: a test must fail for each.
mutants:
	$(PYTHON) -m tools.mutants

# An array of a Slurm on loopback; needs Debian's packages slurm-wlm and munge.
slurm:
	PYTHON=$(PYTHON) bash tools/slurm.sh

# Builds on many processes, in a store, and with workers that are killed; needs s3fs, and moto[server].
scale:
	$(PYTHON) -m tools.scale

# Ask DeepBench anew, and draw the pictures of docs/deepbench.
deepbench:
	mkdir -p build/deepbench
	cd build/deepbench && for what in oracles figures; do \
		$(abspath $(DEEPBENCH)) ../../benchmarks/deepbench_reference.py $$what $$what.npz; done
	cp build/deepbench/oracles.npz tests/oracles/deepbench.npz
	$(PYTHON) -m tools.deepbench_figures build/deepbench/figures.npz
