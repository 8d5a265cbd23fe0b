# `make run` starts everything; `make test` sets up and passes the tests. Nothing else is needed beyond Python >= 3.11,
# Node >= 20 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PORT ?= 8000
export CADRAN_HOME ?= .cadran

.PHONY: run setup build clients test check fmt openapi docs lock browser e2e screenshots fuzz bench clean

run: setup build  ## Start Cadran with its demo company on http://localhost:$(PORT)/
	$(BIN)/cadran serve --demo

setup: $(VENV)/.ready

$(VENV)/.ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Cadran needs Python 3.11 or newer: make PYTHON=python3.11 …')"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

build: frontend/dist/index.html  ## The screens, bundled

frontend/node_modules/.ready: frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund --loglevel=error
	touch $@

SOURCES := openapi.yaml $(shell find frontend/src frontend/public frontend/tools frontend/index.html frontend/*.js -type f 2>/dev/null)
frontend/dist/index.html: frontend/node_modules/.ready $(SOURCES)
	cd frontend && npm run build --silent
	touch $@

clients: clients/python/pyproject.toml clients/typescript/dist/demo.mjs  ## The Python and TypeScript clients, from openapi.yaml

clients/python/pyproject.toml: $(VENV)/.ready openapi.yaml clients/openapi-python-client.yaml
	PATH="$(CURDIR)/$(BIN):$$PATH" openapi-python-client generate --overwrite --path openapi.yaml \
		--config clients/openapi-python-client.yaml --output-path clients/python > clients/python.log 2>&1 || (cat clients/python.log; false)
	touch $@

clients/typescript/node_modules/.ready: clients/typescript/package-lock.json
	cd clients/typescript && npm ci --no-audit --no-fund --loglevel=error
	touch $@

clients/typescript/dist/demo.mjs: clients/typescript/node_modules/.ready openapi.yaml clients/typescript/src/demo.ts
	cd clients/typescript && npm run generate --silent > /dev/null && npm run check --silent
	cd clients/typescript && npm run bundle --silent -- --log-level=warning --outfile=dist/demo.mjs
	touch $@

test: setup build browser clients  ## Every test: pure, against a real PostgreSQL, of the screens, and in a real browser
	cd frontend && npm test --silent
	$(BIN)/python -m pytest -n 2

check: setup frontend/node_modules/.ready  ## Style, types, architecture, generated files
	$(BIN)/ruff format --check backend tests benchmarks
	$(BIN)/ruff check backend tests benchmarks
	$(BIN)/mypy
	$(BIN)/mypy -p benchmarks
	$(BIN)/lint-imports
	cd frontend && npm run check --silent

fmt: setup
	$(BIN)/ruff format backend tests benchmarks
	$(BIN)/ruff check --fix backend tests benchmarks

openapi: setup  ## openapi.yaml from the code
	$(BIN)/cadran openapi openapi.yaml

docs: setup  ## docs/kpis.md and docs/problems.md from the code
	$(BIN)/cadran docs docs

lock: setup  ## Lock every Python package by version and hash, without naming a registry
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --extra dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements.lock

fuzz: setup  ## Schemathesis over the whole API, 20,000 cases
	$(BIN)/python -m pytest tests/test_fuzz.py -q --fuzz-cases=20000

bench: setup  ## Figures of speed, each a ratio against something run beside it (ARGS="--only kpis --sizes 100000,10000000")
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[bench]' || echo "No DuckDB: its line will say so."
	$(BIN)/python -m benchmarks $(ARGS)

browser:  ## Debian's Chromium; without it, and no right to install it, the tests in a browser are skipped and say so
	@command -v chromium >/dev/null || test -n "$$CHROMIUM" \
		|| (apt-get update -qq && apt-get install -y -qq chromium) || echo "No Chromium: the tests in a browser will be skipped."

e2e: setup build browser  ## The tests in a real browser
	$(BIN)/python -m pytest tests/e2e -q -n 2

screenshots: setup build browser  ## The four screens, laptop and phone, into docs/images/
	PYTHONPATH=tests $(BIN)/python tests/pictures.py

clean:
	rm -rf frontend/dist frontend/node_modules $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
