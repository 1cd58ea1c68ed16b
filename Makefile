# Every target works from a fresh clone with Python 3.11 or later, its venv module, make and git. No compiler is used.
# The environment is .venv; a stamp in it for each lock makes the second run instant.

PYTHON ?= python3
JOBS ?= 2
VENV := .venv
PIP := $(VENV)/bin/python -m pip --quiet --disable-pip-version-check --no-input
RUNTIME := $(VENV)/.runtime-is-installed
DEV := $(VENV)/.dev-is-installed
LAWS_IN_PARTS = $(shell grep -rl --include='test_*.py' -e part_of -e 'import .*told_of' tests)
LOCK_VENV := .lock-venv
COMPILE := $(LOCK_VENV)/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--only-binary :all: --generate-hashes --no-emit-index-url --no-header --no-annotate --group build

# Modules are compiled once, and not by each of the processes that tests start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test slow check laws bench kills fuzz mutants containers lock clean

help: ## Print the targets
	@echo "make …"
	@sed -n 's/^\([a-z]*\):.*## /  \1\t/p' Makefile

demo: $(RUNTIME) ## Run the demonstration on an embedded PostgreSQL
	@$(VENV)/bin/pledger demo

test: $(DEV) ## Run the tests but the slow ones (JOBS=2 files at a time, each with a PostgreSQL of its own)
	@$(VENV)/bin/pytest -q -n $(JOBS) --dist loadfile -m 'not slow'

slow: $(DEV) ## Run the slow tests: whole years, real orders, killed processes, stopped servers, recipes, a fuzzed OpenAPI, laws in whole (a quarter of an hour, by estimate)
	@PLEDGER_TEST_WHOLE_LAWS=1 $(VENV)/bin/pytest -q -n $(JOBS) --dist loadfile -m slow
	@PLEDGER_TEST_WHOLE_LAWS=1 $(VENV)/bin/pytest -q -n $(JOBS) --dist loadfile -m 'not slow' $(LAWS_IN_PARTS)

check: $(DEV) ## Check style, types and the direction of imports
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

laws: $(DEV) ## Compare the audit with the slow reference reading over 11,900 generated traces (fifteen minutes by estimate)
	@PLEDGER_TEST_LAWS=700 $(VENV)/bin/pytest -q -s tests/laws/test_reference.py tests/laws/test_reference_themes.py tests/laws/test_reference_people.py

bench: $(DEV) ## Print the table of measurements (an hour)
	@$(VENV)/bin/python tests/benchmarks/run.py

kills: $(DEV) ## Kill the server under load 200 times, and see what is in the log (six minutes)
	@PLEDGER_TEST_KILLS=200 $(VENV)/bin/pytest -q -s tests/hardening/test_kills.py

fuzz: $(DEV) ## Ask every endpoint for long what the OpenAPI document allows and what it does not (five minutes)
	@PLEDGER_TEST_FUZZ=200 $(VENV)/bin/pytest -q -s tests/hardening/test_openapi.py

containers: ## Build the image, bring docker/compose.yaml up, and go on a journey through it (needs a Docker engine; a minute)
	@$(PYTHON) docker/journey.py

mutants: $(DEV) ## Change the rules in small ways, and see whether the tests notice (FILE=domain.rules.attested for one, RESUME=1 to go on)
	@$(VENV)/bin/python -m tests.mutants.run --jobs $(JOBS) $(if $(FILE),--file $(FILE)) $(if $(RESUME),--resume)

lock: ## Choose library versions anew and write both locks (LOCK_FLAGS=--upgrade for the newest)
	@$(PYTHON) -m venv $(LOCK_VENV)
	@$(LOCK_VENV)/bin/python -m pip --quiet --disable-pip-version-check install uv
	@$(COMPILE) $(LOCK_FLAGS) --output-file requirements.lock
	@$(COMPILE) $(LOCK_FLAGS) --group dev --constraint requirements.lock --output-file requirements-dev.lock
	@rm -rf $(LOCK_VENV)
	@if grep -nE '://|^-|^/| @ ' requirements.lock requirements-dev.lock; then \
		echo "A lock names a host or a path; the lines are above."; exit 1; fi
	@echo "requirements.lock and requirements-dev.lock are written."

clean: ## Remove the environment and what the tools left behind
	@rm -rf $(VENV) $(LOCK_VENV) build .mutants .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	@find domain projections adapters tests -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Clean. The ledger's own folder, .pledger, is left as it is."

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Pledger needs Python 3.11 or later; name one with: make PYTHON=python3.12 …"; exit 1; }
	@echo "Making the environment $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

# The locks are installed with their hashes, and only as wheels, so that nothing is ever compiled on this machine.
$(RUNTIME): requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the libraries of requirements.lock …"
	@$(PIP) install --only-binary :all: --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The second lock holds everything of the first, at the same versions.
$(DEV): requirements-dev.lock $(RUNTIME)
	@echo "Installing the tools of requirements-dev.lock …"
	@$(PIP) install --only-binary :all: --require-hashes --requirement requirements-dev.lock
	@touch $@
