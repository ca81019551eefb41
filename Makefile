# The commands of the README and of CONTRIBUTING.md. The first call creates .venv from locked dependencies.
PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin/python -m harness

.PHONY: setup run-all test test-unit lint figures clean
.DELETE_ON_ERROR:

# An environment that lost files, or whose Python the system replaced, is set up again.
setup:
	@if [ -e $(VENV)/.ready ] && [ -n "$$($(VENV)/bin/python tools/damaged_packages.py 2>&1)" ]; then rm $(VENV)/.ready; fi
	@$(MAKE) --no-print-directory $(VENV)/.ready

run-all: setup
	@$(RUN) run-all $(ARGS)

test: $(VENV)/.ready-dev
	@$(RUN) doctor --install --backend native --kernels more --toolchain c=all
	@$(VENV)/bin/python -m pytest -m "not alone" $(if $(ARGS),$(ARGS),--cov)
	@$(VENV)/bin/python -m pytest -m alone -n 0 $(ARGS)

# The tests that need no Docker engine, browser, toolchain or idle machine.
test-unit: $(VENV)/.ready-dev
	@$(VENV)/bin/python -m pytest tests/unit $(ARGS)

lint: $(VENV)/.ready-dev
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/lint-imports --no-cache
	@$(VENV)/bin/mypy

# Measures what the README and the docs state, and writes it between their markers.
figures: $(VENV)/.ready-dev
	@$(VENV)/bin/python -m tools.figures $(ARGS)

clean:
	@if [ -x $(VENV)/bin/python ]; then $(RUN) clean; fi

$(VENV)/.ready: requirements.lock pyproject.toml tools/make-venv
	@tools/make-venv $(PYTHON) $(VENV) requirements.lock
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@tools/make-venv $(PYTHON) $(VENV) requirements-dev.lock
	@touch $@
