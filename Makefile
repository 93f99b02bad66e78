# geo-service: `make demo` and `make test` do all the set-up on a fresh machine (Python 3.11 or newer, make, git).

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= auto
# Wheels only: no machine needs a compiler.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --only-binary=:all: --require-hashes --no-deps
# But libhxl, which the tests check hashtags with, and what it needs: they are published as source only, pure Python.
INSTALL_DEV := $(INSTALL) --no-binary=libhxl,python-io-wrapper

.PHONY: help demo serve test check lint types layers coverage docs bench load messages lock clean

help: ## Say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

demo: $(VENV)/.demo ## Run the main job on data that ships; leaves tables, layers and maps in out/
	@$(BIN)/geo-service demo -o out

serve: $(VENV)/.demo ## Serve the release of the demonstration, or STORE=DIR_OR_URL, on http://127.0.0.1:8000
	@[ -n "$(STORE)" ] || [ -e out/releases/current ] || $(MAKE) demo
	@$(BIN)/geo-service serve --store "$(or $(STORE),out/releases)"

test: $(VENV)/.dev ## Run the whole suite; installs PostGIS, Chromium and Poppler where it may, else skips with a reason
	@sh .ci/system-packages.sh
	@# Compiled once, also where the environment says not to: tests start the command hundreds of times.
	@$(BIN)/python -m compileall -q geo_service tests
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --lines=.lines.json

check: lint types layers coverage ## Style, types, layers and the coverage floor

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

coverage: .lines.json
	$(BIN)/slipcover --merge $< --out /dev/null

.lines.json: $(shell git ls-files geo_service tests pyproject.toml 2>/dev/null) | $(VENV)/.dev
	$(MAKE) test

docs: $(VENV)/.dev ## Build the documents as a site in site/; any warning stops it
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

bench: $(VENV)/.bench ## Measure against peers in one run; leaves Markdown and JSON in bench-results/
	@sh .ci/system-packages.sh
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.api
	$(BIN)/python -m tests.benchmarks.maps

load: $(VENV)/.bench ## Ask a server for MINUTES=5 with 64 clients while releases are published and workers killed
	$(BIN)/python -m tests.load $(or $(MINUTES),5)

messages: $(VENV)/.dev ## Bring the report's catalogues of sentences into step with the code
	$(BIN)/python -m geo_service.report.catalogues

lock: $(VENV)/.dev ## Pin all dependencies again, with hashes and without index URLs
	sh requirements/lock.sh $(BIN)/python

clean: ## Remove what was made
	rm -rf $(VENV) out site bench-results .lines.json .pytest_cache .mypy_cache .ruff_cache .hypothesis dist

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "geo-service needs Python 3.11 or newer; say which with PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

# Each set holds the one before it, so that a later target only adds.
$(VENV)/.demo: requirements/runtime.txt pyproject.toml | $(BIN)/python
	$(INSTALL) -r requirements/runtime.txt
	$(INSTALL) -r requirements/build.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.demo
	$(INSTALL_DEV) -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	$(INSTALL_DEV) -r requirements/bench.txt
	@touch $@
