# A machine needs python3 (3.11, 3.12 or 3.13), make and a package index: `make demo` and `make test`
# do all the rest. The environment is rebuilt by itself when the interpreter, a lock or the place of
# this directory changes, or when the last set-up was interrupted.

SHELL := /bin/sh
PYTHONS ?= python3.11 python3.12 python3.13
VENV ?= .venv
PEERS ?= .venv-peers
ANSWERS ?= answers
BIN := $(VENV)/bin
ifndef PYTHON # keep to the interpreter of an environment that works
PYTHON := $(shell $(BIN)/python -c 'import sys; print(sys._base_executable)' 2>/dev/null || echo python3)
endif
LOCKS := requirements.lock requirements-dev.lock
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# What the environment was made from: the stamp .python holds this line once set-up has finished.
IDENTITY := $(strip $(shell $(PYTHON) -c 'import hashlib, sys; print("Python", sys.version.split()[0], sys.base_prefix, hashlib.sha256(b"".join(open(name, "rb").read() for name in sys.argv[1:])).hexdigest())' $(LOCKS) 2>/dev/null) $(CURDIR))
ifneq ($(strip $(shell cat $(VENV)/.python 2>/dev/null)),$(IDENTITY))
STALE := stale
endif

SAY = @printf '\n==> %s\n'

# Matrices of tests are small: on a busy machine BLAS's threads only wait for one another.
test unit coverage soak mutants browser: export OPENBLAS_NUM_THREADS = 1
test unit coverage: PARALLEL := --numprocesses 2 --dist loadfile

.PHONY: help demo test unit coverage bench browser soak matrix docs answers lock mutants clean stale
.DELETE_ON_ERROR:

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.runtime ## set up, then run the built-in study: table, result store and report in demo-results
	$(BIN)/szilard run --out demo-results

test: $(VENV)/.dev ## set up, then lint, format, types, layers, tests
	$(SAY) 'lint (ruff check)'
	@$(BIN)/ruff check
	$(SAY) 'format (ruff format --check)'
	@$(BIN)/ruff format --check
	$(SAY) 'types (mypy --strict)'
	@$(BIN)/mypy
	$(SAY) 'layers (lint-imports)'
	@$(BIN)/lint-imports --no-logo
	$(SAY) 'tests (pytest: tests and doctests)'
	@$(BIN)/pytest $(PARALLEL)
	$(SAY) 'all steps passed'

unit: $(VENV)/.dev ## only the tests
	@$(BIN)/pytest $(PARALLEL)

coverage: $(VENV)/.dev ## the tests, and which lines they never reach (the tracer doubles their time)
	@$(BIN)/pytest $(PARALLEL) --cov --cov-report=term

soak: $(VENV)/.dev ## the long runs: statistics at full size, kills, hostile files
	$(BIN)/pytest -m soak --hypothesis-profile=exploring

mutants: $(VENV)/.dev ## deliberate mistakes, each of which a test must catch
	$(BIN)/python -m tests.mutants

bench: $(VENV)/.dev $(PEERS)/.made ## speed beside other packages on this machine, and agreement with them
	@PEERS='$(PEERS)' $(BIN)/python -m benchmarks.run $(BENCH)

matrix: ## the tests on every Python of PYTHONS that is here, each in its own environment
	@passed=; absent=; \
	for python in $(PYTHONS); do \
	    version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) \
	        || { absent="$$absent $$python"; continue; }; \
	    printf '\n==> Python %s\n' "$$version"; \
	    $(MAKE) --no-print-directory unit PYTHON="$$python" VENV=".venv-$$version" || exit 1; \
	    passed="$$passed $$version"; \
	done; \
	printf '\n==> passed on:%s\n' "$${passed:- none}"; \
	[ -z "$$absent" ] || printf '==> NOT TESTED, no such interpreter:%s\n' "$$absent"; \
	[ -n "$$passed" ]

docs: $(VENV)/.dev ## the manual as HTML, in docs/_build/html; any warning is an error
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --builder html docs docs/_build/html
	$(SAY) 'the manual is at docs/_build/html/index.html'

answers: $(VENV)/.dev ## the three questions asked anew, and their answers put into the manual
	OPENBLAS_NUM_THREADS=1 $(BIN)/python docs/answers.py $(ANSWERS)

browser: $(VENV)/.dev ## report, explorer and notebook pages in Chromium (installs the package chromium where it may)
	@{ $(FIND_CHROMIUM); } >/dev/null || $(INSTALL_CHROMIUM)
	@CHROMIUM="$$($(FIND_CHROMIUM))" $(BIN)/pytest -m browser tests/browser

# uv keeps the pins that are there; `make lock UPGRADE=--upgrade` takes the newest.
# Neither file may name an index, and the development lock holds the runtime lock unchanged.
lock: ## remake both locks (keeps pins; UPGRADE=--upgrade takes the newest)
	@$(CHECK_PYTHON)
	@set -e; tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; trap 'exit 1' INT TERM; \
	$(PYTHON) -m venv "$$tools/venv"; \
	"$$tools/venv/bin/python" -m pip --disable-pip-version-check --quiet install uv; \
	compile() { \
	    env -u UV_FIND_LINKS -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_CONSTRAINT -u UV_OVERRIDE \
	        "$$tools/venv/bin/uv" pip compile --quiet --no-config --universal --python-version 3.11 \
	        --generate-hashes --only-binary :all: --no-emit-index-url --no-emit-find-links --no-strip-extras \
	        --custom-compile-command 'make lock' $(UPGRADE) "$$@"; }; \
	compile pyproject.toml --group build --output-file requirements.lock; \
	compile pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock; \
	compile benchmarks/peers/requirements.in --output-file requirements-peers.lock; \
	if grep -nE '://|--(index|extra|find)' $(LOCKS) requirements-peers.lock; then echo 'lock: a file names an index' >&2; exit 1; fi; \
	pins() { grep -E '^[A-Za-z0-9]' "$$1" | sed 's/ *\\$$//' | sort; }; \
	pins requirements.lock > "$$tools/runtime"; pins requirements-dev.lock > "$$tools/dev"; \
	if comm -23 "$$tools/runtime" "$$tools/dev" | grep .; then \
	    echo 'lock: these runtime pins are missing from, or differ in, requirements-dev.lock' >&2; exit 1; fi; \
	echo "locked: $$(wc -l < "$$tools/runtime") runtime and $$(wc -l < "$$tools/dev") development pins"

clean: ## remove environments, caches, build output and demo-results
	rm -rf .venv .venv-3.* .venv-peers demo-results benchmarks/results.json build dist docs/_build docs/gallery docs/sg_execution_times.rst .coverage coverage.xml htmlcov
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .benchmarks
	find src tests benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# Any Chromium of the system will do. Only root can install one.
FIND_CHROMIUM = command -v chromium || command -v chromium-browser || command -v google-chrome
define INSTALL_CHROMIUM
{ printf '\n==> installing the package chromium\n'; \
  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update \
      && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends chromium >/dev/null \
      || { echo 'make browser needs Chromium: install the package of your system, e.g. sudo apt-get install chromium' >&2; exit 1; }; }
endef

define CHECK_PYTHON
$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
    echo "Python 3.11, 3.12 or 3.13 is needed; '$(PYTHON)' is: $$($(PYTHON) --version 2>&1 | head -n 1)" >&2; \
    echo "Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
endef

$(VENV)/.python: $(STALE)
	@$(CHECK_PYTHON)
	$(SAY) 'making $(VENV)'
	@rm -f $(VENV)/.python
	@$(PYTHON) -m venv --clear $(VENV)
	@printf '%s\n' '$(IDENTITY)' > $@

# The stamp .python is taken away while pip unpacks a lock and put back, with its old date, when pip
# is done: if that is cut short, the next run starts from an empty environment.
define INSTALL
@mv $(VENV)/.python $(VENV)/.python-busy
@$(PIP) install --require-hashes --only-binary :all: -r $(1)
@mv $(VENV)/.python-busy $(VENV)/.python
@touch $@
endef

$(VENV)/.locked: $(VENV)/.python requirements.lock
	$(SAY) 'installing the runtime lock'
	$(call INSTALL,requirements.lock)

$(VENV)/.runtime: $(VENV)/.locked pyproject.toml
	$(SAY) 'installing szilard itself'
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(SAY) 'installing the development lock'
	$(call INSTALL,requirements-dev.lock)

# The peers of `make bench` have licences and needs of their own, hence an environment of their own, which no
# other target uses. Without them the benchmark runs all the same and says what it could not measure.
$(PEERS)/.made: $(VENV)/.python requirements-peers.lock
	$(SAY) 'making $(PEERS) for the peers of the benchmark'
	@$(BIN)/python -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --only-binary :all: \
	    -r requirements-peers.lock && touch $@ || echo 'the peers could not be installed' >&2
