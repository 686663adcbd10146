#!/usr/bin/env bash
# Leaves one self-contained binary at target/release/turnpike: first the site, then the server that embeds it.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
scripts/setup.sh build
export RUSTFLAGS= # instead of those in .cargo/config.toml, which are for development
build_site release --release --split --precompress
# Cargo sees when an embedded file changes, not when one is added: the server reads this variable, so it sees both.
TURNPIKE_SITE_VERSION=$(cd target/site && find . -type f ! -name '*.br' ! -name '*.gz' -exec sha256sum {} + |
    sort | sha256sum | cut -c1-16)
export TURNPIKE_SITE_VERSION
cargo build --release --bin turnpike
ls -lh "$target/release/turnpike"
