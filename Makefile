# `make run` answers a question, `make explore` lets you ask on a page, `make test` checks everything; each sets up the project's own environment in .venv first.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
# Modules are compiled once, not by each of the hundreds of processes that tests begin.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run explore test slow lint types unit validation docs bench clean

run: $(VENV)/.installed
	$(BIN)/cge compare runs/us-tariff-models.toml

explore: $(VENV)/.installed
	$(BIN)/cge explore

test: lint types unit validation docs

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

unit: $(VENV)/.dev
	$(BIN)/pytest -m "not slow" -n 2 --validation=build/validation.csv

# The published numbers that the tests have compared must be those of the page.
validation: unit
	$(BIN)/python docs/validation_page.py build/validation.csv

# The pages of docs/ and the reference, from build/docs/index.html on.
docs: $(VENV)/.dev
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs build/docs

# The long battery, and the Contract from outside where its checker stands beside the checkout.
slow: $(VENV)/.dev
	$(BIN)/pytest -m slow -n 2
	@if [ -x ../shared/tools/check_contract ]; then PATH="$(CURDIR)/$(BIN):$$PATH" ../shared/tools/check_contract run gains bad levels compare; else echo "check_contract: not beside this checkout, skipped"; fi

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/solve.py
	$(BIN)/python benchmarks/firms.py
	$(BIN)/python benchmarks/report.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV)
