#!/usr/bin/env bash
# Runs the tests. The last line printed is "N passed, N failed".
#   scripts/test.sh             everything
#   scripts/test.sh rust        the Rust tests, on SQLite
#   scripts/test.sh postgres    those that use a database once more, on a PostgreSQL of their own
#   scripts/test.sh histories   all random histories: `make test` lives the first of them
#   scripts/test.sh e2e         browsers and other people's clients against the demo server
set -euo pipefail
source "$(dirname "$0")/lib.sh"

# The specs whose tests must pass at once: one that passes when it is tried again has failed.
STEADY='security factors passkeys upstream'
# The clients that must be there, whichever else are.
CLIENTS='authlib_client.py certification.py openapi_fuzz.py example_node.test.mjs examples.test.mjs midtrans.test.mjs
    mod_auth_openidc.test.mjs openid_client.test.mjs stripe.test.mjs timing.test.mjs webhooks.test.mjs'
# Between these lines Playwright lists what it calls flaky.
FLAKY='/^ +[0-9]+ flaky$/,/^ +[0-9]+ (skipped|did not run|passed)/'

# Apart from running them, so that the last lines tell what was slow.
compile() {
    local begun=$SECONDS
    running="Compiling, begun after $begun s"
    cargo nextest run --no-run 2>&1 | tee "$tmp/log"
    summary+=("Compiled in $((SECONDS - begun)) s") running=''
}

test_rust() {
    compile
    run "Rust, SQLite" nextest env -u TURNPIKE_TEST_DATABASE_URL cargo nextest run --no-fail-fast
}

test_histories() {
    run "Histories" nextest env -u TURNPIKE_TEST_DATABASE_URL TURNPIKE_TEST_SEEDS=25 \
        cargo nextest run --no-fail-fast -E 'test(/^histories::/)'
}

test_postgres() {
    start_postgres
    run "Rust, PostgreSQL" nextest env TURNPIKE_TEST_DATABASE_URL="$postgres_url" \
        cargo nextest run --no-fail-fast -E 'binary(it) - test(/^histories::.*::part_[3-8]$/)'
}

# Browsers: end2end/specs/*.spec.ts. Clients: end2end/clients/*.test.mjs (node:test), authlib_client.py and
# certification.py and openapi_fuzz.py, which print their own "N passed, N failed". The last two and timing.test.mjs have
# servers of their own.
test_e2e() {
    local name python=end2end/.venv/bin/python
    # A file of another name would not be run, and nobody would miss it.
    for name in $STEADY; do there "end2end/specs/$name.spec.ts"; done
    for name in $CLIENTS; do there "end2end/clients/$name"; done
    start_fakes
    start_server
    run "Browsers" playwright env -C end2end node_modules/.bin/playwright test
    run "Clients, Node" tap node --test --test-reporter=tap end2end/clients/*.test.mjs
    run "Clients, Authlib" plain $python end2end/clients/authlib_client.py
    run "Certification" plain $python end2end/clients/certification.py
    run "API, Schemathesis" plain $python end2end/clients/openapi_fuzz.py
}

there() { [ -f "$1" ] || fail "$1 is not there: $0 names it."; }

# run NAME RUNNER CMD…: runs the command and adds up what its runner counted. One that fails without having counted a
# failure (it did not compile, it crashed) counts as one.
run() {
    local name=$1 runner=$2 log=$tmp/log status=0 begun=$SECONDS p f again; shift 2
    running="$name, begun after $begun s"
    say "$name"
    "$@" 2>&1 | tee "$log" || status=$?
    read -r p f again < <("count_$runner" "$log")
    if [ "$status" != 0 ] && [ "$f" = 0 ]; then f=1; fi
    passed=$((passed + p)) failed=$((failed + f)) running=''
    summary+=("$name: $p passed, $f failed${again:+, $again flaky}, in $((SECONDS - begun)) s")
    summary+=("$(grep -E '^ +Summary \[' "$log" | tail -n 1 || true)")
    [ "$f" = 0 ] || summary+=("$(failures <"$log")")
    [ -z "$again" ] || summary+=("$(flaky <"$log")")
}

# The names of the tests that failed, of any runner (nextest, Playwright, TAP): the last lines of CI must say them.
failures() {
    sed -E "${FLAKY}d" | { grep -E '^ +(FAIL|TIMEOUT|SIG[A-Z]+) \[|^ +\[[a-z0-9]+\] › .* ─|^ *not ok ' || true; } |
        sed -E 's/ ─+$//; s/^( +[A-Z]+) \[[^]]*\] (\([^)]*\) )?/\1 /; s/^ */  /' | sort -u | head -n 40
}

# The browsers' tests that failed and passed when they were tried again, which only CI does.
flaky() { sed -nE "${FLAKY}s/^ +(\[[a-z]+\] .*)/  flaky \1/p" | sed -E 's/ (─)+$//'; }

# The browsers' tests that took longest.
longest() {
    sed -nE 's/^ +[^ ]+ +[0-9]+ (\[[a-z]+\] .*) \(([0-9.]+)(s|m)\)$/\2 \3 \1/p' | sort -k 2,2 -k 1,1nr | head -n 12
}

# Each prints "PASSED FAILED" from a runner's output; the browsers' says FLAKY as well, unless there are none.
count_nextest() { # Summary [ 1.2s] 9 tests run: 7 passed (1 slow), 1 failed, 1 timed out, 3 skipped
    sed -nE 's/^ +Summary \[.*\] +([0-9]+)(\/[0-9]+)? tests? run: ([0-9]+) passed.*/\3 \1/p' "$1" |
        awk '{ p = $1; f = $2 - $1 } END { print p + 0, f + 0 }'
}
count_playwright() {
    local steady
    steady=$(flaky <"$1" | grep -cE " specs/(${STEADY// /|})\.spec\.ts:" || true)
    awk -v steady="$steady" '/^ +[0-9]+ (passed|failed|flaky)( |$)/ { n[$2] = $1 }
        END { print n["passed"] + 0, n["failed"] + steady, n["flaky"] }' "$1"
}
count_tap() { awk '/^# pass / { p = $3 } /^# (fail|cancelled) / { f += $3 } END { print p + 0, f + 0 }' "$1"; }
count_plain() { awk '/^[0-9]+ passed, [0-9]+ failed$/ { p = $1; f = $3 } END { print p + 0, f + 0 }' "$1"; }

free_port() {
    node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

start_postgres() {
    local bin port data=$tmp/postgres log=$tmp/postgres.log
    bin=$(postgres_bin) port=$(free_port)
    mkdir "$data"
    [ "$(id -u)" != 0 ] || chown postgres "$data"
    postgres=$data
    postgres_url=postgres://postgres@127.0.0.1:$port/postgres
    { as_postgres "$bin/initdb" -D "$data" --username postgres --auth trust -E UTF8 --locale C.UTF-8 --no-sync &&
        as_postgres "$bin/pg_ctl" -D "$data" --log "$data/log" --wait start \
            --options "-h 127.0.0.1 -p $port -c unix_socket_directories= -c max_connections=300 -c fsync=off \
                -c max_wal_size=256MB"; } >"$log" 2>&1 ||
        { tail -n 40 "$log" "$data/log" >&2 || true; fail "PostgreSQL did not start."; }
}

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

start_server() {
    build_site dev --split
    local listen
    listen=127.0.0.1:$(free_port)
    env TURNPIKE_PAYMENTS__STRIPE_URL="$STRIPE_URL" TURNPIKE_PAYMENTS__MIDTRANS_URL="$MIDTRANS_URL" \
        "$target/debug/turnpike" demo --listen "$listen" --data-dir "$tmp/data" >"$tmp/server.log" 2>&1 &
    server=$!
    local url=http://$listen
    node - "$url/readyz" "$server" <<'JS' || fail "The server did not get ready."
const [url, pid] = process.argv.slice(2);
const ready = () => fetch(url).then((r) => r.ok, () => false);
const runs = () => { try { return process.kill(Number(pid), 0); } catch { return false; } };
for (const end = Date.now() + 60_000; !(await ready()); await new Promise((r) => setTimeout(r, 100))) {
  if (!runs() || Date.now() > end) process.exit(1);
}
JS
    "$target/debug/turnpike" apply -f end2end/catalog.toml --data-dir "$tmp/data"
    ADMIN_KEY=$("$target/debug/turnpike" admin key create --name end2end --data-dir "$tmp/data")
    # Only now: the programs above refuse settings that they do not know.
    export ADMIN_KEY TURNPIKE_URL=$url
}

# The stand-ins for payment providers, which the server takes for the real ones and their own clients drive:
# MIDTRANS_URL and the like.
start_fakes() {
    # Together with the server: they are what the Rust tests were run with, and nothing is compiled anew.
    cargo build --bin turnpike --example fakes
    "$target/debug/examples/fakes" >"$tmp/fakes" &
    fakes=$!
    until grep -q '^READY$' "$tmp/fakes"; do
        kill -0 "$fakes" 2>/dev/null || fail "The stand-ins for payment providers did not start."
        sleep 0.1
    done
    local line
    while read -r line; do [ "$line" = READY ] || export "${line?}"; done <"$tmp/fakes"
}

# Stops what was started, by its own id, and says how it went, also when something broke off in between.
finish() {
    local status=$?
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
    [ -z "$fakes" ] || { kill "$fakes" && wait "$fakes"; } 2>/dev/null || true
    [ -z "$postgres" ] || as_postgres "$(postgres_bin)/pg_ctl" -D "$postgres" --mode immediate stop >/dev/null || true
    if [ "$status" != 0 ]; then
        failed=$((failed + 1)) summary+=("Broken off${running:+: $running}")
        [ -z "$running" ] || summary+=("$(failures <"$tmp/log")" "$(longest <"$tmp/log")" "$(tail -n 3 "$tmp/log" | cut -c 1-200)")
    fi
    if [ "$failed" != 0 ] && [ -n "$server" ]; then
        say "The server's last words"
        tail -n 10 "$tmp/server.log" | cut -c 1-300
    fi
    rm -rf "$tmp"
    printf '\n'
    printf '%s\n' "${summary[@]}" "In $SECONDS s" | grep .
    printf '%s passed, %s failed\n' "$passed" "$failed"
    [ "$failed" = 0 ] || exit 1
}

server='' fakes='' postgres='' running='' passed=0 failed=0 summary=()
# In memory where there is room: the databases of the tests are flushed at every commit.
room=$(df --output=avail --block-size=1G /dev/shm 2>/dev/null | tail -n 1 || true)
[ "${room:-0}" -lt 4 ] || export TMPDIR=/dev/shm
tmp=$(mktemp -d)
chmod 711 "$tmp" # for PostgreSQL's own user
export TMPDIR=$tmp
trap finish EXIT
trap 'exit 130' INT TERM

scripts/setup.sh build test
summary+=("Set up in $SECONDS s")
CHROMIUM=$(chromium_bin)
export CHROMIUM NO_COLOR=1 CARGO_TERM_COLOR=never
[ $# != 0 ] || set -- rust postgres e2e
for part in "$@"; do "test_$part"; done
