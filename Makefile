# Two commands are enough: `make demo` and `make test`. Each creates what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .bench/peers

.DEFAULT_GOAL := help
.PHONY: help demo run test postgres faults fuzz deploy-check lint audit sbom e2e bench bench-forecast bench-peers vendor messages docs lock clean

help:  ## Say what there is
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):[^#]*## */  make \1\t/' | expand -t 24

demo: $(VENV)/base  ## Open a simulated company, live: COMPANY=ecommerce, startup, saas or store
	$(BIN)/nachim demo --company $(or $(COMPANY),ecommerce) $(ARGS)

run: $(VENV)/base  ## Start nachim on your own data
	$(BIN)/nachim up $(ARGS)

test: $(VENV)/dev lint  ## Run every check and test, the browser's too
	scripts/browser.sh
	scripts/services.sh
	$(BIN)/pytest -n 2 --dist loadgroup -m "not e2e" --durations 15 $(ARGS)
	$(MAKE) postgres
	$(BIN)/pytest tests/e2e $(ARGS)

postgres: $(VENV)/dev  ## Run what leans on the database once more, on a PostgreSQL of its own
	NACHIM_TEST_DATABASE=own $(BIN)/pytest -n 2 --dist loadgroup tests/app tests/jobs/test_schedule.py tests/jobs/test_worker.py tests/jobs/test_writers.py tests/web/test_data.py tests/web/test_session.py tests/web/test_settings.py tests/web/test_health.py

faults: $(VENV)/dev  ## Break things in the midst, 50 rounds of each: ROUNDS=50
	NACHIM_FAULT_ROUNDS=$(or $(ROUNDS),50) NACHIM_KILLS=$(or $(ROUNDS),50) $(BIN)/pytest -s tests/faults tests/jobs/test_ingest_killed.py tests/jobs/test_schedule.py $(ARGS)

fuzz: $(VENV)/dev  ## Send the API whatever its document allows, for half an hour: EXAMPLES=600 to each operation
	NACHIM_EXPLORE=1 NACHIM_FUZZ=$(or $(EXAMPLES),600) $(BIN)/pytest -s tests/web/test_api_fuzz.py $(ARGS)

deploy-check: $(VENV)/dev  ## Do what the Containerfile says without an engine, and start it as nobody (as root)
	$(BIN)/python scripts/deploy_check.py $(ARGS)

lint: $(VENV)/dev  ## Style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(VENV)/dev  ## Ask whether a pinned package has a known vulnerability; 3 when nobody answers: ARGS="--database DIR" without a network
	$(BIN)/python scripts/audit.py $(ARGS)

sbom:  ## Write what nachim is made of as CycloneDX: nachim.cdx.json
	$(PYTHON) scripts/sbom.py > nachim.cdx.json

e2e: $(VENV)/dev  ## Only the tests in a real browser
	scripts/browser.sh
	$(BIN)/pytest tests/e2e $(ARGS)

bench: $(VENV)/dev  ## Measure speed as ratios against named peers
	for one in benchmarks/bench_*.py; do $(BIN)/python $$one || exit 1; done

bench-forecast: $(VENV)/dev  ## Score the forecasts on all of M4 weekly, beside Naive and Prophet
	$(BIN)/python benchmarks/bench_forecast.py --all $(ARGS)

bench-peers: $(VENV)/dev $(PEERS)/ready  ## Ask MetricFlow and boring-semantic-layer the same questions, in their own environment
	$(BIN)/python benchmarks/peers/compare.py --python $(PEERS)/bin/python $(ARGS)

vendor: $(VENV)/dev  ## Fetch the browser libraries again and write their checksums
	$(BIN)/python scripts/vendor.py

messages: $(VENV)/dev  ## Collect the texts to translate and compile the Korean catalogue
	cd src/nachim && NACHIM_HOME=$$(mktemp -d) ../../$(BIN)/python -m django makemessages -l ko --no-obsolete --no-wrap --add-location file --settings nachim.web.settings
	cd src/nachim && NACHIM_HOME=$$(mktemp -d) ../../$(BIN)/python -m django compilemessages -l ko --settings nachim.web.settings

docs: $(VENV)/dev  ## Take the screenshots of the documentation again
	scripts/browser.sh
	$(BIN)/python scripts/screenshots.py

lock: $(VENV)/dev  ## Pin the dependencies again
	$(BIN)/uv pip compile -q requirements/base.in --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal -o requirements/base.txt
	$(BIN)/uv pip compile -q requirements/dev.in --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal -o requirements/dev.txt

clean:  ## Remove the environment and what tools left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .bench

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/base: $(VENV)/bin/python requirements/base.txt pyproject.toml
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/dev: $(VENV)/base requirements/dev.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(PEERS)/ready: benchmarks/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install -q --disable-pip-version-check -r $<
	@touch $@
