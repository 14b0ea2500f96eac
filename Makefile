# Everything that is typed in this project. `make help` lists it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types layers pages format live deep bench docs generate changelog clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamps say what is installed; nothing is installed again until pyproject.toml changes (it holds the entry points).

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sellercare needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.made
	@echo "Installing sellercare into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# Dependency groups need pip 25.1; Debian 12 brings 23.0.
$(VENV)/.tools: $(VENV)/.installed
	@echo "Installing the tools for tests, checks and docs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --group test --group check --group docs
	@touch $@

demo: $(VENV)/.installed ## a tour with simulated marketplaces: install, plan, apply, report
	@$(BIN)/sellercare demo

test: $(VENV)/.tools ## all offline tests on all cores, in less than five minutes on two
	$(BIN)/pytest --numprocesses auto --dist worksteal

check: lint types layers pages ## lint, formatting, strict types, layers, generated docs, the docs' links

lint: $(VENV)/.tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.tools
	$(BIN)/mypy
	$(BIN)/mypy docs/generate.py benchmarks examples

layers: $(VENV)/.tools
	$(BIN)/lint-imports

pages: $(VENV)/.tools
	$(BIN)/python docs/generate.py --check
	$(BIN)/mkdocs build --strict --quiet --site-dir $(VENV)/site

format: $(VENV)/.tools ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

live: $(VENV)/.tools ## install and start real servers, and run the live tests against them
	$(BIN)/pytest -m "live or postgres"

deep: $(VENV)/.tools ## the long version of the generated tests
	$(BIN)/pytest -m deep

bench: $(VENV)/.tools ## measure, and print the ratios of docs/performance.md
	@$(BIN)/python -m pip install --quiet --group bench
	@$(BIN)/python -m benchmarks

docs: $(VENV)/.tools ## build the docs into site/
	$(BIN)/python docs/generate.py
	$(BIN)/mkdocs build --strict

generate: $(VENV)/.tools ## write the generated parts of README and docs again
	$(BIN)/python docs/generate.py

changelog: $(VENV)/.tools ## show what docs/changes/ would add to CHANGELOG.md
	$(BIN)/towncrier build --draft --version next

clean: ## remove the virtual environment and everything that was built
	rm -rf $(VENV) site build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
