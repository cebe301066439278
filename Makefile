# Everything one does with this project, a target each. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
DATA ?= ./data
PORT ?= 8080

# Tests and the demo compile with the same features, so that nothing is built twice (docs/decisions.md, "Builds").
BINS := --workspace --bins
TESTS := $(BINS) --tests

.PHONY: help setup setup-run setup-test build demo demo-reset test lint audit fmt bench shots clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: setup-test  ## install what is missing (apt, npm) and build web/dist; quick when nothing is

setup-run:
	@scripts/setup.sh run

setup-test:
	@scripts/setup.sh test

build: setup-run  ## the optimised program: target/release/xueshi
	cargo build --release -p app

demo: setup-run  ## the demo on 127.0.0.1:8080 to 8083, data in ./data (DATA=… PORT=… change that)
	cargo build $(BINS)
	target/debug/xueshi demo --data $(DATA) --port $(PORT)

demo-reset:  ## forget what was done in the demo
	rm -rf $(DATA)

test: setup-test  ## every test: invariants, Rust on both databases, the pages' scripts, the browser
	cargo xtask tidy
	cargo build $(TESTS)
	node web/test/offline.mjs
	node web/test/targets.mjs
	node web/test/password.mjs crates/rules/tests/cases/password.tsv
	scripts/side-by-side.sh scripts/browser-tests.sh scripts/with-postgres.sh scripts/rust-tests.sh $(TESTS)

lint: setup-run  ## formatting, clippy, types of the scripts, invariants, licences (with cargo-deny)
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cd web && npm run check
	cargo xtask tidy
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check; else echo "cargo-deny is not installed: licences not checked"; fi

fmt:  ## format all Rust code
	cargo fmt --all

audit: ## known faults and licences of what is built in (cargo-deny, cargo-audit, npm), and the bill of materials in target/sbom.json
	scripts/supply-chain.sh

bench:  ## benchmarks of the rules and of printing
	cargo bench -p rules -p certificates

shots: setup-test  ## pictures of every page, in stories/browser/shots
	cargo build $(BINS)
	cd stories/browser && npm run shots

clean:  ## remove everything that was built; the demo's data stays
	cargo clean
	rm -rf web/dist web/.inputs web/node_modules stories/browser/node_modules
