PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INDEX ?= data/index
DOCS ?= seeds/documents
PIP := $(BIN)/pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: install install-dev run test check bench clean

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || (./tools/apt-install python3-venv && $(PYTHON) -m venv --clear $(VENV))
	@echo "Installing Youju into $(VENV) (some minutes the first time) …"
	$(PIP) --editable .
	@touch $@

install-dev: $(VENV)/installed-dev

$(VENV)/installed-dev: $(VENV)/installed
	$(PIP) --editable ".[dev]"
	@touch $@

## Install, index the sample documents, answer one question, open the page.
run: install
	$(BIN)/youju sync $(DOCS) --index $(INDEX)
	$(BIN)/youju ask "青澜水库是哪一年建成的？" --index $(INDEX)
	$(BIN)/youju serve --docs $(DOCS) --index $(INDEX)

## Everything that has to hold before a change lands.
test: install-dev
	@./tools/apt-install --optional chromium fonts-noto-cjk
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest

check: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

## The measurements of docs/quality.md (they need the data sets named there).
bench: install-dev
	$(BIN)/python -m bench.retrieval
	$(BIN)/python -m bench.answers
	$(BIN)/python -m bench.refusal
	$(BIN)/python -m bench.followups
	$(BIN)/python -m bench.speed

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache *.egg-info build
