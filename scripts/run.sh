#!/usr/bin/env bash
# Sets up, builds what has changed and serves the demo on http://127.0.0.1:8080. Arguments go to `turnpike demo`.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
scripts/setup.sh build
build_site dev --split
cargo build --bin turnpike
exec "$target/debug/turnpike" demo "$@"
