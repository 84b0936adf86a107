# Everything a newcomer needs: `make run` to look at it, `make test` to trust it.
#
#   make run      install what is needed, create a demo database if there is none, serve it (PORT=8069)
#   make test     all tests: SQLite, PostgreSQL where it can differ, browser (WORKERS=2, ARGS="-k name")
#   make test-fast   before each commit: without browser, PostgreSQL and what takes seconds
#   make test-all    before a release: every test that uses a database on SQLite and on PostgreSQL
#   make check    format, lint, types, import contracts, tests
#   make bench    speed beside hand-written SQL
#
# pip uses whatever package index this machine is configured for; nothing else is fetched.

PYTHON  ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV    ?= .venv
BIN     := $(VENV)/bin
HOST    ?= 127.0.0.1
PORT    ?= 8069
DATA    ?= stillage.db
WORKERS ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
ARGS    ?=

# Python may have been told not to keep compiled modules; the programs that tests start would compile all of them anew.
export PYTHONDONTWRITEBYTECODE :=

comma   := ,
empty   :=
space   := $(empty) $(empty)
ADDONS  ?= $(subst $(space),$(comma),$(sort $(patsubst addons/%/__manifest__.py,%,$(wildcard addons/*/__manifest__.py))))
PIP     := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint requirements.lock

.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-all check format lint types contracts bench install clean

help:
	@sed -n 's/^#   //p' Makefile

# One stamp per set of dependencies; both are renewed when the dependencies change.
$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Stillage needs Python 3.11 or newer; name one with PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed-run: pyproject.toml requirements.lock | $(VENV)/bin/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml requirements.lock | $(VENV)/bin/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.installed-run

install: $(VENV)/.installed-dev

# The database is made beside its final name: an interrupted first start never leaves half a database behind.
$(DATA): | $(VENV)/.installed-run
	@rm -f $(DATA).new $(DATA).new-wal $(DATA).new-shm
	$(BIN)/stillage --database sqlite:///$(DATA).new init --addons $(ADDONS) --demo
	@mv $(DATA).new $(DATA)

run: $(VENV)/.installed-run | $(DATA)
	$(BIN)/stillage --database sqlite:///$(DATA) serve --host $(HOST) --port $(PORT)

PYTEST  := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

test: $(VENV)/.installed-dev
	$(PYTEST) $(ARGS)

test-fast: $(VENV)/.installed-dev
	$(PYTEST) --dialects sqlite -m "not slow and not browser" $(ARGS)

test-all: $(VENV)/.installed-dev
	$(PYTEST) --dialects sqlite,postgresql $(ARGS)

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

contracts: $(VENV)/.installed-dev
	$(BIN)/lint-imports

check: lint types contracts test

bench: $(VENV)/.installed-dev
	@for file in benchmarks/[a-z]*.py; do \
		if grep -q '__main__' $$file; then echo "== $$file"; $(BIN)/python -m benchmarks.$$(basename $$file .py) $(ARGS) || exit 1; fi; done

clean:
	rm -rf $(VENV) $(DATA) $(DATA)-wal $(DATA)-shm .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
