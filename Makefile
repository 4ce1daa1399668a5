# Two commands matter: `make book` and `make test`. What they do is in tools/*.py.
PYTHON ?= python3
# A Python that was named is taken; without a name the one in .venv stays.
KEEP := $(if $(filter file,$(origin PYTHON)),--keep)
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN := $(BIN)/python
# Whatever the locale: lessons and messages have signs that are not ASCII.
export PYTHONUTF8 := 1
# Where `make assignments` and `make grade` work: your own folder outlasts `make clean`.
# The shell gets its name from the environment, so that no sign in it means anything.
COURSE ?= _build/assignments
override COURSE := $(value COURSE)
override STUDENT := $(value STUDENT)
override ZIP := $(value ZIP)
export COURSE STUDENT ZIP
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help set-up book test test-all serve notebooks lint format bench evidence clean
.PHONY: assignments collect grade solutions check-marking

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

set-up:
	@$(PYTHON) tools/set_up.py $(KEEP)

book: set-up ## Run every lesson and build the site into _build/html
	@$(RUN) -m tools.build_book

test: set-up ## Test the package and the site (builds the book if it is stale)
	@$(RUN) -m tools.run_tests

test-all: test ## Then every notebook, the slow tests, another processor, the oldest versions
	@$(RUN) -m tools.run_tests rest

serve: book ## Build the site and show it on http://localhost:8000
	@$(RUN) -m http.server 8000 --bind 127.0.0.1 --directory _build/html

notebooks: set-up ## Derive notebooks/*.ipynb from notebooks/*.md
	@$(RUN) -m tools.derive_notebooks

lint: set-up ## Check style and types
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy

format: set-up ## Put the code in the house style
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

assignments: set-up ## Release the graded assignments into COURSE (_build/assignments)
	@$(RUN) -m tools.assignments "$$COURSE"

collect: set-up ## Take in ZIP=submissions.zip of Moodle or Canvas, for ASSIGNMENT and COURSE
	@$(RUN) -m gan_lessons.grading "$$COURSE" --collect "$$ZIP" --assignment "$(ASSIGNMENT)"

grade: set-up ## Grade ASSIGNMENT=lesson_01 of COURSE, WORKERS=2 at a time, or STUDENT=bob again
	@$(RUN) -m gan_lessons.grading "$$COURSE" --assignment "$(ASSIGNMENT)" --workers $(WORKERS) --student "$$STUDENT"

check-marking: set-up ## Try the marking on all known right and wrong solutions, 20 seeds each
	@$(RUN) -m tools.check_marking

solutions: set-up ## Write the assignments with their answers into COURSE, for instructors
	@$(RUN) -m tools.solutions "$$COURSE"

bench: set-up ## Run the timed comparisons
	@$(RUN) -m benchmarks

evidence: set-up ## Compute the kept evidence anew (about a quarter of an hour)
	@$(RUN) -m gan_lessons.evidence

clean: ## Remove all that was made, the environment too
	rm -rf $(VENV) _build notebooks/animations *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} \;
	rm -rf .pytest_cache .mypy_cache .ruff_cache
