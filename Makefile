.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

FILE ?= online-retail-2010-2011.csv.gz

.PHONY: help install run test check real chaos simulate fuzz bench lock

help:  ## List the targets
	@awk -F ':.*##' '/^[a-z-]+:.*##/ {printf "%-10s %s\n", $$1, $$2}' Makefile

install: .venv/installed  ## Make .venv from the lock file

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: install  ## Start everything on this machine and play a day of trade
	@exec $(BIN)/daybook run

test: install  ## Every test, on SQLite and on PostgreSQL
	$(BIN)/pytest -n 2

check: install  ## Lint, types and import arrows
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

real: export DAYBOOK_DATABASE_URL ?= sqlite:///var/real.db
real: install  ## Import FILE (see README), bring it to the emulator, compare every day
	$(BIN)/daybook migrate
	$(BIN)/daybook import online-retail $(FILE)
	$(BIN)/daybook sync --through 2011-06-30
	$(BIN)/daybook reconcile

chaos: install  ## Kill API, worker and import 50 times at random; nothing is lost or doubled
	$(BIN)/python -m tests.cli.chaos --kills 50

simulate: install  ## Deliver under random faults, crashes and time-outs: 2,000 seeds
	DAYBOOK_SIMULATION_SEEDS=2000 $(BIN)/pytest tests/sync/test_simulation.py -p no:xdist

fuzz: install  ## Call every operation of the API with made-up requests, at length
	DAYBOOK_FUZZ_EXAMPLES=200 $(BIN)/pytest tests/api/test_schemathesis.py -p no:xdist

bench: install  ## Every figure of docs/performance.md, beside what store and framework alone can do
	$(BIN)/python -m bench --json var/bench.json
	$(BIN)/python -m bench.table var/bench.json

lock:  ## Resolve the dependencies anew into requirements.lock (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o requirements.lock
