#!/usr/bin/env bash
# Measures the release binary on this machine: the server has core 0, the load core 1, so figures are per core.
#   scripts/bench.sh                     every scenario of bench/*.txt
#   scripts/bench.sh discovery jwks      these
# SECS, RUNS and CONNS from the environment. A table goes to stdout, the raw results to target/bench/results.jsonl.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
[ -x "$target/release/turnpike" ] || scripts/build.sh
mkdir -p "$target/bench"
! stale "$target/bench/load" bench/load || rustc -O --edition 2021 bench/load/main.rs -o "$target/bench/load"

data=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$data"' EXIT
listen=127.0.0.1:9200
"$target/release/turnpike" apply -f bench/bench.toml --data-dir "$data" >/dev/null
taskset -c 0 "$target/release/turnpike" serve --listen "$listen" --data-dir "$data" >"$data/log" 2>&1 &
server=$!
for _ in $(seq 100); do TURNPIKE_LISTEN=$listen "$target/release/turnpike" health >/dev/null 2>&1 && break; sleep 0.05; done

# play VARS SCENARIO: one scenario as one client.
play() {
    local sets=()
    while read -r _ name value; do [ -z "${name:-}" ] || sets+=(--set "$name=$value"); done < "bench/$1.vars"
    taskset -c 1 "$target/bench/load" --label "$1" --addr "$listen" --pid "$server" --secs "${SECS:-2}" \
        --runs "${RUNS:-3}" --conns "${CONNS:-16}" "${sets[@]}" "bench/$2.txt"
}

[ $# != 0 ] || set -- discovery jwks client_credentials refresh_token introspect userinfo sso_flow sign_in_page \
    authorize code_flow
results=$target/bench/results.jsonl
: > "$results"
for scenario in "$@"; do
    play ours "$scenario" >> "$results"
    case $scenario in
        client_credentials | refresh_token) for alg in es256 eddsa; do play "ours-$alg" "$scenario" >> "$results"; done ;;
    esac
done
node - "$results" <<'JS'
const rows = require("node:fs").readFileSync(process.argv[2], "utf8").trim().split("\n").map((l) => JSON.parse(l));
console.log("client       scenario             turns/s   p50 ms   p99 ms   CPU µs   errors   MB");
for (const r of rows) {
  const cells = [r.iter_s.toFixed(0), r.iter_p50_ms, r.iter_p99_ms, r.server_cpu_us_per_iter.toFixed(0), r.errors, r.rss_mb];
  console.log(r.label.padEnd(12), r.scenario.padEnd(20), ...cells.map((c, i) => String(c).padStart([7, 8, 8, 8, 8, 4][i])));
}
JS
