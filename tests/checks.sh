#!/usr/bin/env bash
# The checks: style, types on both sides, who imports whom, spelling, the pages' pure rules.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
run() { echo "· $1"; shift; "$@"; }
quietly() { local said; said=$("$@" 2>&1) || { echo "$said"; return 1; }; }

run "style" $bin/ruff check --quiet .
run "format" $bin/ruff format --quiet --check .
run "types (Python)" $bin/mypy --no-error-summary showroom signaling media booking web bench tests
run "imports" quietly $bin/lint-imports
run "spelling" $bin/codespell .
if [ ! -x node_modules/.bin/tsc ] || [ ! -d node_modules/standardwebhooks ]; then
  npm install --no-package-lock --no-audit --no-fund --silent
fi
run "types (JavaScript)" node_modules/.bin/tsc --project web/static/js/jsconfig.json
run "rules of the pages (JavaScript)" quietly node --test tests/js/*.test.js
