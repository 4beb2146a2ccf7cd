# Every target sets itself up: `make demo` on a fresh clone is enough. PYTHON and VENV can be set from outside.

PYTHON ?= python3
VENV   ?= .venv
UV     ?= uv

BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif
READY := $(VENV)/.ready

DRAFT   ?= ganyu-draft
EXAMPLE ?= --set location=ganyu --set kind=technology_innovation_center --set level=national \
           --set upstream_funding=1200万元 --set performance=excellent --set contract_turnover=3000万元

.PHONY: help setup engines demo test check format bench certify snapshots tables pins clean

help:
	@echo "make demo       what a draft changes, and one platform explained"
	@echo "make test       the tests"
	@echo "make engines    what tests on Spark need besides (450 MB; and Java)"
	@echo "make check      lint, format, types, and the rows of the house"
	@echo "make format     format and mend what can be mended"
	@echo "make bench      the figures of the README"
	@echo "make certify    whether the engines agree on the packs of the test suite (POSTGRES=URL for PostgreSQL)"
	@echo "make bench-batch  tables by the million, beside DuckDB, a C kernel, OpenFisca, Polars"
	@echo "make bench-peers  other engines with the same rules (npm, where it is there, for Publicodes)"
	@echo "make snapshots  record the snapshots anew (read the diff before you commit)"
	@echo "make tables     work out the grammar's parse tables anew"
	@echo "make pins       write requirements*.txt from pyproject.toml (needs uv)"

setup: $(READY)

# The stamp is newer than what it was made from, so a second run starts at once.
$(READY): requirements-dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

# PySpark comes as its source, the whole of Spark in it, and is built with the pinned setuptools.
engines: $(VENV)/.engines

$(VENV)/.engines: requirements-spark.txt $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation --use-pep517 \
		-r requirements-spark.txt
	@touch $@

demo: $(READY)
	@$(BIN)/policyeval compare $(DRAFT)
	@echo
	@$(BIN)/policyeval eval $(EXAMPLE) --with $(DRAFT) --as-of 2023-06-30

# Shared among the processors; one that has nothing left takes over what another has still before it.
test: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports --no-logo

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)
	$(BIN)/python -m bench

# An engine that is not there is left out and named.
certify: $(READY)
	$(BIN)/python -m bench.certify $(if $(POSTGRES),--postgres $(POSTGRES))

# Other engines pin what they need as they like, so they have an environment of their own.
PEERS := $(VENV)-bench
PEERS_READY := $(PEERS)/.ready

$(PEERS_READY): requirements-bench.txt pyproject.toml
	test -x $(subst $(VENV),$(PEERS),$(BIN))/python || $(PYTHON) -m venv $(PEERS)
	$(subst $(VENV),$(PEERS),$(BIN))/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	$(subst $(VENV),$(PEERS),$(BIN))/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

bench-batch: $(PEERS_READY)
	$(subst $(VENV),$(PEERS),$(BIN))/python -m bench.batch --growth 7 --awards

bench-peers: $(PEERS_READY)
	-npm install --silent --no-package-lock --prefix bench/publicodes
	$(subst $(VENV),$(PEERS),$(BIN))/python -m bench.peers

snapshots: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal --snapshot-update

# After a change of grammar/expression.lark; without it everything works, and starts more slowly.
tables: $(READY)
	$(BIN)/python -c "from policyeval import parse, tables; tables.write('expression', parse.STARTS)"

# All file hashes of a release are taken, so the pins hold on every platform; pins that still fit are kept.
PIN := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
       --no-emit-index-url --no-emit-find-links --custom-compile-command "make pins" pyproject.toml
pins:
	$(PIN) --output-file requirements.txt
	$(PIN) --extra dev --constraint requirements.txt --output-file requirements-dev.txt
	$(PIN) --extra spark --constraint requirements-dev.txt --output-file requirements-spark.txt
	$(PIN) bench/requirements.in --constraint requirements.txt --output-file requirements-bench.txt

clean:
	rm -rf $(VENV) $(PEERS) bench/publicodes/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist build
