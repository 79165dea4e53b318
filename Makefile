# `make` alone lists what can be done.
PORT ?= 8080
PYTHON ?= python3
BIN := .venv/bin
# Debian keeps what a venv needs in a package of its own.
define MAKE_VENV
@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	{ echo "$(PYTHON) can't make a .venv: on Debian, apt-get install python3-venv, then try again." >&2; exit 1; }
$(PYTHON) -m venv .venv
endef

.PHONY: help demo test check words clean screenshots bench bench-lines install
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.installed ## make .venv and install everything for work on the code

.venv/.installed: pyproject.toml
	$(MAKE_VENV)
	$(BIN)/python -m pip install -qq --upgrade pip
	$(BIN)/python -m pip install -qq --editable '.[dev]'
	@touch $@

.venv/.demo: pyproject.toml
	$(MAKE_VENV)
	$(BIN)/python -m pip install -qq --upgrade pip
	$(BIN)/python -m pip install -qq --editable .
	@touch $@

demo: .venv/.demo ## a whole showroom on this machine (PORT=8080, LAN=1 for a phone, CLIP=file)
	@$(BIN)/showroom demo --port $(PORT) $(if $(LAN),--lan) $(if $(CLIP),--clip '$(CLIP)')

test: ## all checks and all tests; installs what they need
	@PYTHON=$(PYTHON) bash tests/run.sh

check: .venv/.installed ## the checks alone: style, types, imports, spelling
	@bash tests/checks.sh

words: .venv/.installed ## bring the catalogues in line with English, and say what they lack
	@$(BIN)/python -m tests.catalogues

screenshots: .venv/.installed ## every page of the demo at three widths, light and dark, into screenshots/
	@$(BIN)/python -m tests.browser.screenshots screenshots --pictures docs/pictures

bench: .venv/.installed ## measure, and write docs/benchmarks.md
	@$(BIN)/showroom bench --write docs/benchmarks.md

bench-lines: .venv/.installed ## calls over bad lines, into docs/benchmarks.md; needs root and coturn
	@$(BIN)/showroom bench lines --write docs/benchmarks.md

clean: ## remove the demo's data and everything that was built
	rm -rf .demo .venv build *.egg-info screenshots node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
