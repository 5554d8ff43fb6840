# Two commands do everything: `make run` and `make test`. The others are their parts.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_FLAG := $(if $(LIBRARY),--home $(LIBRARY),)

.PHONY: run test lint types tests docs eval claims liar overhead fuzz long-pdf bench faults wheel clean

run: $(VENV)/.app  ## set up, build the library from the bundled corpus, serve the page
	$(BIN)/footnote serve $(HOME_FLAG)

test: lint types tests  ## set up, lint, type-check, and run every test

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

tests: $(VENV)/.dev
	$(BIN)/python -m pytest

eval: $(VENV)/.dev  ## score the evaluation sets of tests/evaluation
	$(BIN)/python benchmarks/evaluate.py $(SETS)

bench: $(VENV)/.dev  ## time, memory and quality beside the tutorial pipeline: make bench BENCH="--set FILE --full --write"
	$(BIN)/python benchmarks/bench.py $(BENCH)

claims: $(VENV)/.dev  ## score the claims engine: true sentences, mutants, sentences without a claim
	$(BIN)/python benchmarks/claims.py $(SHOW)

liar: $(VENV)/.dev  ## a scripted model that lies, 600 scripts: none of it may reach an answer: make liar LIAR="--count 2000 --show"
	$(BIN)/python benchmarks/liar.py $(LIAR)

overhead: $(VENV)/.dev  ## what the chain and the proof cost beside a model that takes no time
	$(BIN)/python benchmarks/overhead.py

faults: $(VENV)/.dev  ## kill adding and removing at random instants, on every store, and the servers: make faults FAULTS="--kills 320 --seed 1"
	$(BIN)/python benchmarks/faults.py $(FAULTS)
	$(BIN)/python benchmarks/outages.py $(OUTAGES)

docs: $(VENV)/.dev  ## refresh what is made from data: footnotes of the briefs, tables of the README
	$(BIN)/python docs/refresh.py

fuzz: $(VENV)/.dev  ## 5,000 damaged files through each reader: a quarter of an hour
	$(BIN)/python benchmarks/fuzz.py --count $(or $(COUNT),5000)

long-pdf: $(VENV)/.dev  ## what reading 1,000 pages costs, beside embedding them: needs Chromium
	$(BIN)/python benchmarks/long_pdf.py --sample $(or $(SAMPLE),2000) $(WHOLE)

wheel: $(VENV)/.dev
	$(BIN)/python -m build --wheel --no-isolation

clean:
	rm -rf $(VENV) dist build *.egg-info .mypy_cache .ruff_cache .pytest_cache

# torch comes first and by pip, so that a CPU build that pip is told of (find-links, an extra index)
# is taken; uv then installs the rest five times as fast as pip and finds torch in place.
$(VENV)/.app: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Footnote needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make run PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	@echo "Installing (about two minutes the first time) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0 uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -e .
	$(BIN)/python -m compileall -q corpus ingest assistant ui  # else each start compiles them where Python may not write
	@touch $@

$(VENV)/.dev: $(VENV)/.app
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -e '.[dev]'
	@touch $@
