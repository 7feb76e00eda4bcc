# make demo    sets up and watches a real screen for about half a minute
# make test    sets up and runs the whole test suite, Python and Rust
# make test-full  the fault tests as often as is promised (hours): ARGS="tests/store"
# make check   format, lint, types, import layers
# make setup   virtual environment, native build, models, system packages where it may
# make bench   measures everything into benches/results (BENCH_OPTIONS="--only latency" for one part; ten minutes)
# make bench-rust  the crates' criterion benches, for a quick look while working on them
# make sanitize  looks for leaks and bad accesses in the native code (Debian, valgrind; a quarter of an hour)
# make check-aarch64  the crates' tests on ARM's vectors, in an emulator (Debian; minutes)
# make test-gpu  the kernels on a graphics processor, or on Mesa's software one, against those of the CPU (minutes to build)
# make bench-gpu  the same, measured: GPU_OPTIONS="--sizes 1080p,4k --batches 1,8,64"
# make check-targets  type-checks what captures macOS and Windows for these systems (Debian; minutes)
# make check-models  the ring's protocol in every order of steps that the memory model allows (loom; minutes to build)
# make bench-kernels (bench-bloom, ...) one of the closer looks under benches/ (ARGS="--rounds 50")
# make readme  renews README's table of measurements from benches/results
# make quality scores labelled recordings (IRONCLIW_DATA=DIR) or the synthetic desktop, into benches/results (QUALITY_OPTIONS; hours)

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The Rust toolchain is looked for here, before an empty HOME can hide it: rustup's proxies find their toolchain
# through RUSTUP_HOME, which defaults to a folder in HOME.
CARGO_BIN := $(shell command -v cargo 2>/dev/null)
ACCOUNT_HOME := $(shell getent passwd $$(id -u) 2>/dev/null | cut -d: -f6)
ifeq ($(CARGO_BIN),)
  ifneq ($(wildcard $(ACCOUNT_HOME)/.cargo/bin/cargo),)
    CARGO_BIN := $(ACCOUNT_HOME)/.cargo/bin/cargo
    export PATH := $(ACCOUNT_HOME)/.cargo/bin:$(PATH)
  endif
endif
ifneq ($(findstring /.cargo/bin/,$(CARGO_BIN)),)
  CARGO_ROOT := $(patsubst %/bin/cargo,%,$(CARGO_BIN))
  export CARGO_HOME ?= $(CARGO_ROOT)
  ifneq ($(wildcard $(dir $(CARGO_ROOT)).rustup),)
    export RUSTUP_HOME ?= $(dir $(CARGO_ROOT)).rustup
  endif
endif

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
NATIVE_SOURCES := Cargo.toml Cargo.lock pyproject.toml $(shell find crates -name '*.rs' -o -name Cargo.toml)

.PHONY: help setup demo test test-full test-python test-rust check check-aarch64 check-models check-targets test-gpu bench-gpu sanitize format bench bench-rust quality readme lock clean \
    system

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

$(VENV)/.packages: requirements.lock tools/venv.sh
	@PYTHON=$(PYTHON) tools/venv.sh $(VENV) requirements.lock
	@touch $@

$(VENV)/.native: $(VENV)/.packages $(NATIVE_SOURCES)
	@echo "setup: building the native core (a minute the first time)"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/maturin develop --release --uv --locked --quiet
	@touch $@

$(VENV)/.models: $(VENV)/.packages tools/models.py tools/ocr/derive.py tools/ocr/gate.py python/ironcliw/text/model_pins.py
	@$(BIN)/python tools/models.py
	@touch $@

system:
	@tools/system.sh

setup: system $(VENV)/.packages $(VENV)/.native $(VENV)/.models
	@echo "setup: ready ($$(du -sh $(VENV) | cut -f1) in $(VENV), $$(du -sh python/ironcliw/text/models | cut -f1) of models)"

demo: setup
	@$(BIN)/python tools/demo.py

test: setup test-rust test-python

test-full: setup
	IRONCLIW_FULL=1 $(BIN)/python -m pytest -o faulthandler_timeout=0 $(ARGS)

test-rust:
	cargo test --workspace --exclude ironcliw-python --exclude ironcliw-gpu --quiet

test-python:
	@tools/test.sh $(BIN)/python

check: $(VENV)/.packages $(VENV)/.native
	$(BIN)/ruff format --check .
	$(BIN)/ruff check --no-cache .
	cargo fmt --all --check
	cargo clippy --workspace --exclude ironcliw-gpu --all-targets --quiet -- -D warnings
	$(BIN)/lint-imports
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright

format:
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cargo fmt --all

# What the bench compares with goes into the same environment, at the versions that are there already: both lock files
# agree. A later change of requirements.lock takes it out again, and the next 'make bench' puts it back.
$(VENV)/.bench: requirements-bench.lock $(VENV)/.packages
	@echo "setup: installing what the bench compares with"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --require-hashes --python $(BIN)/python -r $<
	@touch $@

bench: setup $(VENV)/.bench
	@mkdir -p benches/results
	$(BIN)/ironcliw bench --out benches/results $(BENCH_OPTIONS)

bench-rust:
	cargo bench -p ironcliw-change -p ironcliw-dedup

sanitize: setup
	tools/sanitize.sh

check-aarch64:
	tools/aarch64.sh

# Every test that is run over all implementations, and those of the card's own.
GPU_TESTS := tests/gpu $(foreach of,kernel_conformance description_conformance kernel_arguments description_arguments,tests/kernels/test_$(of).py)

# They build the extension beside the one in use (tools/gpu.sh), with the cargo feature 'gpu'.
test-gpu: setup
	@tools/vulkan.sh
	cargo test --profile quick --quiet -p ironcliw-gpu
	cargo clippy --profile quick --quiet -p ironcliw-gpu --all-targets -- -D warnings
	folder=$$(tools/gpu.sh) && PYTHONPATH=$$folder IRONCLIW_TEST_GPU=1 $(BIN)/python -m pytest $(GPU_TESTS) $(ARGS)

# On a machine with a card: GPU_OPTIONS="--out benches/results". Anywhere: GPU_OPTIONS="--software --sizes 128x192 --batches 1,4".
bench-gpu: setup
	@tools/vulkan.sh
	folder=$$(tools/gpu.sh) && PYTHONPATH=$$folder $(BIN)/python benches/gpu.py $(GPU_OPTIONS)

check-targets:
	tools/targets.sh

check-models:
	RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/models cargo test --quiet -p ironcliw-history --test models

bench-%: setup $(VENV)/.bench
	$(BIN)/python benches/$*.py $(ARGS)

readme: $(VENV)/.packages
	$(BIN)/python tools/readme_table.py README.md benches/results

COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --no-header --quiet --upgrade

# What is scored, and under which name: the labelled recordings where there are any.
QUALITY_DATA ?= $(or $(IRONCLIW_DATA),synthetic:office?seed=1&minutes=10)
QUALITY_NAME ?= $(if $(IRONCLIW_DATA),$(notdir $(abspath $(IRONCLIW_DATA))),synthetic)

# What is measured beside the recordings. Eight restless hours take the best part of one (0.157 h a minute);
# QUALITY_OPTIONS="--battery 100 --hours 0.1" gives a first look.
QUALITY_OPTIONS ?= --battery 1000 --hours 8

quality: setup
	$(BIN)/ironcliw quality '$(QUALITY_DATA)' $(QUALITY_OPTIONS) --report benches/results --name '$(QUALITY_NAME)'

lock: $(VENV)/.packages
	$(COMPILE) --extra video --extra notify --extra claude --extra openai --extra mcp --extra apprise --extra dev -o requirements.lock
	$(COMPILE) --extra bench --constraint requirements.lock -o requirements-bench.lock

clean:
	rm -rf $(VENV) target
