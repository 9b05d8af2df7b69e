# make demo  sets everything up and serves the page;  make test  sets everything up and runs the suite.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
GLTF_VALIDATOR := 2.0.0-dev.3.10
AXE := 4.14.1
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt
export PYTHON

.PHONY: demo setup test test-browser test-slow lint clean

demo: .venv/demo-ready
	$(BIN)/python demo/app.py

setup: .venv/demo-ready

test: .venv/test-ready lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not slow"

test-browser: .venv/test-ready
	$(BIN)/python -m pytest -m browser

test-slow: .venv/test-ready
	$(BIN)/python -m pytest -m slow

lint: .venv/test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/bin/python:
	.ci/packages demo
	$(PYTHON) -m venv .venv

.venv/demo-ready: pyproject.toml .ci/constraints.txt .ci/packages.txt | .venv/bin/python
	.ci/packages demo
	$(PIP_INSTALL) --editable '.[demo]'
	touch $@

.venv/test-ready: .venv/demo-ready
	.ci/packages test
	$(PIP_INSTALL) --editable '.[demo,dev,train,cluster]'
	npm install --silent --no-audit --no-fund --prefix .tools gltf-validator@$(GLTF_VALIDATOR) axe-core@$(AXE)
	touch $@

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache *.egg-info
