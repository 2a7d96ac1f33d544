# Everything is run from here, the same for people and for CI. Needs Python 3.11 or newer with venv, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test check bench compile clean

demo: $(VENV)/.installed  ## Open the assistant in the terminal, with a small demo portfolio.
	@$(BIN)/rolecall demo

test: $(VENV)/.installed-dev  ## Run the whole test suite.
	$(BIN)/python -m pytest --numprocesses 3 --dist worksteal

check: $(VENV)/.installed-dev  ## Lint, check formatting, types and the directions of imports. Changes nothing.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev  ## Print the benchmarks.
	DATA="$(DATA)" $(BIN)/python -m tests.benchmarks

compile: $(VENV)/.installed-dev  ## Compile the default pack into the program, after a change of its data.
	$(BIN)/python scripts/compile_default.py

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/.installed
