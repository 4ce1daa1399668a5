# Two commands matter: `make book` and `make test`. What they do is in tools/*.py.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN := $(BIN)/python
READY := $(VENV)/.ready
INSTRUCTOR := $(VENV)/.instructor
# Where `make assignments` and `make grade` work: your own folder outlasts `make clean`.
# The shell gets its name from the environment, so that no sign in it means anything.
COURSE ?= _build/assignments
override COURSE := $(value COURSE)
export COURSE
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help book test test-all serve notebooks lint format bench evidence clean
.PHONY: assignments grade check-marking

help: ## List the verbs
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

$(READY): requirements.lock pyproject.toml tools/set_up.py
	@$(PYTHON) tools/set_up.py

$(INSTRUCTOR): $(READY) requirements-instructor.lock
	@$(RUN) tools/set_up.py instructor

book: $(READY) ## Run every lesson and build the site into _build/html
	@$(RUN) -m tools.build_book

test: $(INSTRUCTOR) ## Test the package and the site (builds the book if it is stale)
	@$(RUN) -m tools.run_tests

test-all: test ## Then every notebook, the slow tests, and another processor
	@$(RUN) -m tools.run_tests rest

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

assignments: $(INSTRUCTOR) ## Release the graded assignments into COURSE (_build/assignments)
	@$(RUN) -m tools.assignments "$$COURSE"

grade: $(INSTRUCTOR) ## Grade ASSIGNMENT=lesson_01 of COURSE, WORKERS=2 at a time
	@$(RUN) -m gan_lessons.grading "$$COURSE" --assignment "$(ASSIGNMENT)" --workers $(WORKERS)

check-marking: $(READY) ## Try the marking on all known right and wrong solutions, 20 seeds each
	@$(RUN) -m tools.check_marking

bench: $(READY) ## Run the timed comparisons
	@$(RUN) -m benchmarks

evidence: $(READY) ## Compute the kept evidence anew (about 20 minutes)
	@$(RUN) -m gan_lessons.evidence

clean: ## Remove all that was made, the environment too
	rm -rf $(VENV) _build notebooks/animations *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -rf .pytest_cache .mypy_cache .ruff_cache
