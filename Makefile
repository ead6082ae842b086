# Two commands matter: `make up` (the platform) and `make test` (every test). Both set up
# whatever they need; a second run needs no network. See README.md and CONTRIBUTING.md.

BIN := .venv/bin
PYTHON_FILES := $(wildcard parsers compression detectors logplatform tests benchmarks samples setup.py manage.py)
# setup.sh puts node into .venv where the machine has none.
export PATH := $(CURDIR)/$(BIN):$(PATH)
PYTEST := $(BIN)/python -m pytest
FAST := not soak and not gpu
MANAGE := LOGPLATFORM_HOME=build/home $(BIN)/python manage.py
SOAK_REPORT := test-results/soak.txt

.PHONY: setup up test quick check soak api build-ext format clean

up:  ## Set up everything and run the platform on http://127.0.0.1:8000
	@sh scripts/debian-packages.sh setup
	@sh scripts/setup.sh
	@exec $(BIN)/logplatform up

setup:  ## Virtual environment in .venv, all packages, compiled kernels, built front end
	@sh scripts/debian-packages.sh setup
	@sh scripts/setup.sh

build-ext:  ## Rebuild the kernels whose .pyx changed
	@$(BIN)/python setup.py -q build_ext --inplace

test:  ## All tests, with real Redis, PostgreSQL and Chromium
	@sh scripts/debian-packages.sh test
	@sh scripts/setup.sh
	@sh scripts/run-tests.sh

quick: setup  ## The fast tests, in under a minute
	$(PYTEST) -q -m "$(FAST) and not services and not slow"

check: setup  ## Linters, types, architecture, front-end checks
	@mkdir -p build
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(PYTHON_FILES)
	$(BIN)/lint-imports
	$(MANAGE) check
	$(MANAGE) makemigrations --check --dry-run
	$(PYTEST) -q tests/test_architecture.py
	$(MANAGE) spectacular --format openapi-json --file build/openapi.json
	cmp build/openapi.json frontend/openapi.json || { echo "run make api" >&2; exit 1; }
	cd frontend && npm run --silent check

api:  ## Write the API's description and the front end's types anew
	@mkdir -p build
	$(MANAGE) spectacular --format openapi-json --file frontend/openapi.json
	cd frontend && npm run --silent api:types

soak:  ## Every count in full (hours); prints a report
	@sh scripts/debian-packages.sh test
	@sh scripts/setup.sh
	@mkdir -p $(dir $(SOAK_REPORT))
	$(PYTEST) -m "(soak or hypothesis) and not gpu" --hypothesis-profile=soak \
	    --hypothesis-show-statistics -rA --durations=0 --timeout=0 > $(SOAK_REPORT) 2>&1; \
	    code=$$?; cat $(SOAK_REPORT); exit $$code

format:  ## Rewrite the Python files the way `make check` wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove what was built; .venv and var/ stay
	rm -rf build frontend/dist .mypy_cache .ruff_cache .pytest_cache
	find parsers compression -name "*.so" -delete
