# Two commands matter: `make book` and `make test`. What they do is in tools/*.py.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN := $(BIN)/python
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help book test serve notebooks lint format bench evidence clean

help: ## List the verbs
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

$(READY): requirements.lock pyproject.toml tools/set_up.py
	@$(PYTHON) tools/set_up.py

book: $(READY) ## Run every lesson and build the site into _build/html
	@$(RUN) -m tools.build_book

test: $(READY) ## Test the package, the site and every notebook (builds the book if it is stale)
	@$(RUN) -m tools.run_tests

serve: book ## Build the site and show it on http://localhost:8000
	@$(RUN) -m http.server 8000 --bind 127.0.0.1 --directory _build/html

notebooks: $(READY) ## Derive notebooks/*.ipynb from notebooks/*.md
	@$(RUN) -m tools.derive_notebooks

lint: $(READY) ## Check style and types
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy

format: $(READY) ## Put the code in the house style
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

bench: $(READY) ## Run the timed comparisons
	@$(RUN) -m benchmarks

evidence: $(READY) ## Compute the kept evidence anew (about 20 minutes)
	@$(RUN) -m gan_lessons.evidence

clean: ## Remove all that was made, the environment too
	rm -rf $(VENV) _build notebooks/animations *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -rf .pytest_cache .mypy_cache .ruff_cache
