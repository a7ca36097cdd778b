# Kindred's commands. Needs only Python 3.11 or newer and the package registries.
#   make run [ARGS="--port 8123 --data DIR --no-demo --workers 2"]
#   make test [ARGS="tests/folders -k grants"] [BROWSER=none]

SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: run setup setup-dev setup-bench test check tests format bench requirements clean

ARGS ?=
BROWSER ?=
VENV := .venv
BIN := $(VENV)/bin
# platform/ is a plain folder of packages, not a package; see ARCHITECTURE.md.
WITH_PATH := PYTHONPATH=platform
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

# The first Python that is new enough.
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
# Node from PATH when it is new enough for Vite, else PyPI's wheel in the virtual environment.
NODE_FITS := $(shell command -v npm >/dev/null 2>&1 && \
	node -e 'const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit(a > 20 && a != 21 || a == 20 && b >= 19 ? 0 : 1)' 2>/dev/null && echo yes)
ifeq ($(NODE_FITS),yes)
NODE :=
NPM := npm --prefix frontend
else
NODE := .make/node
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix frontend
endif

FRONTEND_SOURCES := $(shell find frontend templates -type f \
	-not -path '*/node_modules/*' -not -path 'frontend/dist/*' 2>/dev/null)

run: setup
	@exec $(BIN)/python manage.py up $(ARGS)

# Both halves at once: pip and npm wait for the network most of the time.
setup:
	@$(MAKE) --silent --no-print-directory --jobs=2 .make/requirements .make/frontend

setup-dev:
	@$(MAKE) --silent --no-print-directory --jobs=2 .make/requirements-dev .make/frontend

test: check tests

tests: setup-dev
	@BROWSER=$(BROWSER) .ci/browser
	$(BIN)/pytest -n 2 --dist loadgroup $(if $(filter none,$(BROWSER)),-m "not browser") $(ARGS)

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(WITH_PATH) $(BIN)/mypy
	$(WITH_PATH) $(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	find templates -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python -W ignore::RuntimeWarning manage.py \
		makemigrations --check --dry-run
	$(NPM) run --silent check
	$(NPM) run --silent test

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} +
	$(NPM) run --silent format

# What the product is compared with: libraries that only benchmarks use.
setup-bench: setup
	@$(MAKE) --silent --no-print-directory .make/requirements-bench

bench: setup-bench
	$(WITH_PATH) $(BIN)/python -m benchmarks $(ARGS)

# Pins every package with its hashes, for all platforms and Pythons from 3.11 on.
# `make requirements ARGS=--upgrade` takes newer ones.
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --custom-compile-command "make requirements"
requirements: setup-dev
	$(COMPILE) $(ARGS) pyproject.toml --output-file requirements.txt
	$(COMPILE) $(ARGS) --group dev --constraint requirements.txt pyproject.toml \
		--output-file requirements-dev.txt
	$(COMPILE) $(ARGS) --group bench --constraint requirements.txt pyproject.toml \
		--output-file requirements-bench.txt
	$(COMPILE) $(ARGS) --group node --output-file requirements-node.txt

clean:
	rm -rf .make $(VENV) frontend/node_modules frontend/dist

# Stamps: what was done, so that a second start does nothing.

.make/venv:
	@test -n "$(PYTHON)" || { echo "Kindred needs Python 3.11 or newer; none is on PATH." >&2; exit 1; }
	@mkdir -p .make
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo \
		"Python cannot make a virtual environment; on Debian: apt-get install python3-venv." >&2; exit 1; }
	@touch $@

.make/requirements: requirements.txt | .make/venv
	@echo "Installing Python packages …"
	@$(PIP) install --require-hashes --requirement requirements.txt
	@touch $@

.make/requirements-dev: requirements-dev.txt requirements.txt | .make/venv
	@echo "Installing Python packages and development tools …"
	@$(PIP) install --require-hashes --requirement requirements-dev.txt
	@touch .make/requirements $@

.make/requirements-bench: requirements-bench.txt requirements.txt | .make/requirements
	@echo "Installing what benchmarks compare with …"
	@$(PIP) install --require-hashes --requirement requirements-bench.txt
	@touch $@

.make/node: requirements-node.txt | .make/requirements
	@echo "Installing Node, which is not on PATH …"
	@$(PIP) install --require-hashes --requirement requirements-node.txt
	@touch $@

.make/node-modules: frontend/package.json frontend/package-lock.json | $(NODE)
	@mkdir -p .make
	@echo "Installing front-end packages …"
	@$(NPM) ci --no-audit --no-fund --silent
	@touch $@

.make/frontend: .make/node-modules $(FRONTEND_SOURCES)
	@echo "Building the front end …"
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@
