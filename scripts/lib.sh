# shellcheck shell=bash disable=SC2034
# What the scripts share; sourced, never run. Leaves the caller at the top of the repository.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
target=${CARGO_TARGET_DIR:-target}

say() { printf '== %s\n' "$*" >&2; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# stale STAMP PATH…: true when something under the paths is newer than the stamp, or there is no stamp.
stale() {
    local stamp=$1; shift
    [ ! -e "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" -print -quit)" ]
}

# build_site KIND FLAG…: builds target/site (wasm, JS, CSS, files) unless nothing that goes into it has changed.
# The stamp lies inside, where every other build of the site (cargo leptos watch) wipes it out.
build_site() {
    local kind=$1 begun; shift
    stale "target/site/.$kind" Cargo.toml Cargo.lock rust-toolchain.toml .cargo package-lock.json \
        domain app frontend style || return 0
    begun=$(mktemp)
    # Also where a caller goes on by `&&`, which turns errexit off.
    cargo leptos build --frontend-only "$@" || return
    touch -r "$begun" "target/site/.$kind"
    rm "$begun"
}

# The directory of PostgreSQL's own programs (initdb, pg_ctl): Debian keeps them off PATH.
postgres_bin() {
    local initdb
    initdb=$(find /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)
    [ -n "$initdb" ] || initdb=$(command -v initdb) || return 1
    dirname "$initdb"
}

# The one without windows is a third quicker.
chromium_bin() {
    printf '%s' "${CHROMIUM:-$(command -v chromium-headless-shell || command -v chromium || command -v chromium-browser)}" |
        grep .
}
