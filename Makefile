# Two commands matter: `make demo` makes a film, `make test` runs every test. `make help` lists the rest.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --no-deps
STUDIO_HOME ?= studio_home
export STUDIO_HOME

.PHONY: help demo test test-fast setup local-minds dev check bench docs lock clean
.DEFAULT_GOAL := help

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed; give another with make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the pinned packages into $(VENV) …"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.base
	@echo "Installing the tools for tests and checks …"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.dev ## Install everything, tools included

local-minds: $(VENV)/.dev ## Install what a language model in this process needs (1 GB); its tests run with it
	@$(BIN)/python -m pip --disable-pip-version-check install -qq --editable '.[local-minds]'

demo: $(VENV)/.base ## Make the example film: three pilots, 60 seconds, $$150 of simulated money
	@$(BIN)/studio produce examples/lighthouse.yaml --choose recommended

test: $(VENV)/.dev ## Run the whole suite
	@$(BIN)/python -m pytest -n auto --dist worksteal

test-fast: $(VENV)/.dev ## Run the everyday suite, without whole productions and crash tests
	@$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow"

dev: $(VENV)/.base ## Open the Dagster UI (dagster dev -w workspace.yaml) with sensors and schedules on the same home
	@$(BIN)/studio ui

check: $(VENV)/.dev ## Style, types, and the direction of dependencies
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyright && $(BIN)/lint-imports

bench: $(VENV)/.dev ## Run the benchmarks and write docs/benchmarks.md
	@$(BIN)/python -m benchmarks

docs: $(VENV)/.base ## Bring the generated parts of the documents and the picture of the graph up to date
	@$(BIN)/python -W ignore -m tools.generate && $(BIN)/python -W ignore -m tools.pictures

lock: ## Pin every package anew, with hashes and without addresses
	@$(PYTHON) tools/lock.py

clean: ## Remove the environment and caches (never the studio home)
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
