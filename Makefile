# `make demo` and `make test` do all the set-up that they need.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: demo test check bench docs pictures release clean

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev --editable .
	touch $@

demo: $(VENV)/installed  ## Start with Bærum's matters of 2016 and print a token for each role
	$(BIN)/loft demo

test: $(VENV)/installed  ## Run every test
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -q

check: $(VENV)/installed  ## Lint, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/installed  ## Measure, side by side, and print a table
	$(BIN)/python -m bench

docs: $(VENV)/installed  ## Write the parts of the reference that come from the code
	$(BIN)/python -m docs.generate

pictures: $(VENV)/installed  ## Take the pictures of the docs from a demonstration, in Chromium
	$(BIN)/python -m docs.pictures

release: $(VENV)/installed  ## Make dist/: the wheel, its bill of materials, a report on both
	$(BIN)/python -m release

clean:
	rm -rf dist $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
