#!/usr/bin/env bash
# The demo, rebuilt and restarted on change. Arguments go to `turnpike demo`.
# cargo-leptos compiles Leptos itself with LEPTOS_WATCH, so going to or from `make run` compiles it anew, once.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
scripts/setup.sh build
exec cargo leptos watch --split -- demo "$@"
