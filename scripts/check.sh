#!/usr/bin/env bash
# Format, lints, the architecture's arrows, unused dependencies, licences, sources, advisories.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
scripts/setup.sh check

say "Format"
cargo fmt --check

say "Arrows between the crates"
scripts/arrows.mjs --self-test
scripts/arrows.mjs

say "Unused dependencies"
cargo machete domain migration service app frontend server

say "Licences, bans, sources"
cargo deny check bans licenses sources

say "Advisories"
if timeout 60 cargo deny fetch db >/dev/null 2>&1; then
    cargo deny check --disable-fetch advisories
else
    echo "NOT CHECKED: the advisory database cannot be reached from here."
fi

say "Lints"
if [ "${RUSTC_WORKSPACE_WRAPPER:-}" = clippy-driver ]; then
    echo "Found where the tests and the site are compiled, by the wrapper of the compiler that is set."
    exit
fi
cargo clippy --all-targets -- -D warnings
# The wasm half, in the target directory in which cargo-leptos builds it.
cargo clippy --manifest-path frontend/Cargo.toml --target wasm32-unknown-unknown --target-dir "$target/front" \
    -- -D warnings
