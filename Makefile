# Tanji 碳迹. `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help setup brightway run demo serve test check format lint types contracts factors migrations translations bench lock audit clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: $(STAMP) system ## install everything; leaves .venv/bin/tanji
	@$(BIN)/python -m service.translations

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || scripts/debian-packages python3-venv
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $(STAMP)

.PHONY: system
system:
	@scripts/debian-packages fonts-noto-cjk libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 poppler-utils

run: setup demo serve ## install, load the demonstration, sign its reports into out/, serve at http://127.0.0.1:8000, work beside it

demo: setup
	$(BIN)/tanji init
	$(BIN)/tanji demo --out out

serve: setup
	$(BIN)/tanji serve --work 2

test: setup ## install what tests need and run everything
	$(BIN)/python -m pytest -n 2 --dist loadscope

check: format lint types contracts factors migrations translations test ## all that a change must pass

format: setup
	$(BIN)/ruff format --check .

lint: setup
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

contracts: setup
	$(BIN)/lint-imports

factors: setup
	$(BIN)/tanji factors check

migrations: setup
	$(BIN)/python -m migrations.check

translations: setup
	$(BIN)/python -m service.translations --check

bench: setup ## ratios of speed, all measured in one run
	$(BIN)/python -m tests.benchmarks

audit: setup ## known vulnerabilities in the pinned packages
	$(BIN)/pip-audit --requirement requirements.lock --disable-pip --require-hashes

brightway: ## an interpreter of its own for Brightway's projects, in .venv-brightway
	$(PYTHON) -m venv .venv-brightway
	.venv-brightway/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-brightway.lock
	@echo "export TANJI_BRIGHTWAY_PYTHON=$(CURDIR)/.venv-brightway/bin/python"

lock: ## pin every package anew, with hashes and without naming an index
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev --output-file requirements.lock pyproject.toml
	sed -n '/^brightway = \[/,/^]/s/^  "\(.*\)",$$/\1/p' pyproject.toml | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --output-file requirements-brightway.lock -

clean: ## remove what make made; the database and the reports stay
	rm -rf $(VENV) .venv-brightway build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
