# What a person types here. Each target sets up what it needs, and is quick when there is nothing to do.
.DEFAULT_GOAL := help
.PHONY: run test histories dev build check bench setup help

run: ## serve the demo on http://127.0.0.1:8080
	@scripts/run.sh

test: ## every test: Rust on SQLite and PostgreSQL, browsers, other people's clients
	@scripts/test.sh

histories: ## 10,000 random histories of members with every provider, against a model
	@scripts/test.sh histories

dev: ## the demo, rebuilt on change
	@scripts/dev.sh

build: ## one self-contained release binary: target/release/turnpike
	@scripts/build.sh

check: ## format, lints, architecture, licences, advisories
	@scripts/check.sh

bench: ## measure
	@scripts/bench.sh

setup: ## only install what the other targets need
	@scripts/setup.sh build test check

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 17
