#!/usr/bin/env bash
# Installs what is missing on a Debian or Ubuntu machine with git, make, a C compiler, rustup and Node >= 20.
#   scripts/setup.sh build    cargo-leptos, wasm-bindgen, npm packages
#   scripts/setup.sh test     nextest, Chromium, PostgreSQL, Apache (its program, no service), npm and Python packages
#   scripts/setup.sh check    rustfmt, clippy, cargo-deny, cargo-machete
# and in every case the Rust toolchain with its wasm target. Each step looks first: when nothing is missing, all of it
# takes a fraction of a second.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

setup_build() {
    # 0.3.11 needs a newer Rust. `no_downloads`: wasm-opt and Tailwind are the npm packages, nothing else.
    tool "cargo leptos" 0.3.10 cargo-leptos --locked --features no_downloads
    # Must equal the library's version. Its own lock file names a release that does not exist, hence no --locked.
    tool wasm-bindgen "$(sed -n 's/^wasm-bindgen = "=\(.*\)"/\1/p' Cargo.toml)" wasm-bindgen-cli
    npm_packages .
}

setup_test() {
    cargo nextest --version >/dev/null 2>&1 || tool "cargo nextest" 0.9.151 cargo-nextest --locked
    setup_chromium
    local missing=()
    postgres_bin >/dev/null || missing+=(postgresql)
    [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || missing+=(apache2-bin libapache2-mod-auth-openidc)
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
    [ ${#missing[@]} = 0 ] || apt_packages "${missing[@]}"
    npm_packages end2end
    python_packages end2end
}

# Debian has the quicker one, Ubuntu has not.
setup_chromium() {
    local quick=chromium-headless-shell
    [ -z "${CHROMIUM:-}" ] && ! command -v $quick >/dev/null || return 0
    ! chromium_bin >/dev/null || apt-cache show $quick >/dev/null 2>&1 || return 0
    apt_packages $quick fonts-liberation || chromium_bin >/dev/null || apt_packages chromium fonts-liberation
}

setup_check() {
    cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
    cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
    tool "cargo deny" 0.20.2 cargo-deny --locked
    tool "cargo machete" 0.9.2 cargo-machete --locked
}

# tool COMMAND VERSION CRATE FLAG…: installs the crate unless the command is there in this very version; a ready-made
# one where cargo-binstall is there, else built once: without optimisation (three times faster to build, as fast in
# use), by this project's toolchain, outside of the project so that its flags and target directory do not matter.
tool() {
    local command=$1 version=$2 crate=$3 toolchain dir; shift 3
    [ "$($command --version 2>/dev/null | awk '{ print $NF; exit }')" != "$version" ] || return 0
    if command -v cargo-binstall >/dev/null; then
        cargo binstall --no-confirm --disable-strategies compile "$crate@$version" && return 0
    fi
    say "Building $crate $version: once, some minutes"
    toolchain=$(rustup show active-toolchain | cut -d' ' -f1)
    dir=$(mktemp -d "${CARGO_HOME:-$HOME/.cargo}/build-$crate.XXXXXX")
    (cd / && unset RUSTC_WORKSPACE_WRAPPER && RUSTUP_TOOLCHAIN=$toolchain CARGO_TARGET_DIR=$dir \
        CARGO_PROFILE_DEV_DEBUG=0 cargo install "$crate" --version "=$version" --debug --force "$@") ||
        { rm -rf "$dir"; return 1; }
    rm -rf "$dir"
}

npm_packages() {
    [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] || (cd "$1" && npm ci --no-audit --no-fund)
}

python_packages() {
    cmp -s "$1/requirements.txt" "$1/.venv/requirements.txt" && return 0
    python3 -m venv --clear "$1/.venv"
    "$1/.venv/bin/pip" install --quiet --requirement "$1/requirements.txt"
    cp "$1/requirements.txt" "$1/.venv/"
}

apt_packages() {
    command -v apt-get >/dev/null || fail "Install these first: $*"
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@") sudo=()
    [ "$(id -u)" = 0 ] || sudo=(sudo)
    say "Installing from the distribution: $*"
    "${sudo[@]}" "${install[@]}" || { "${sudo[@]}" apt-get update && "${sudo[@]}" "${install[@]}"; }
}

command -v rustup >/dev/null || fail "rustup is missing: install Rust by rustup first."
command -v cc >/dev/null || fail "A C compiler is missing: install gcc or clang first."
node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' || fail "Node 20 or newer is missing."
cargo --version >/dev/null # where rust-toolchain.toml's version is missing, rustup installs it now
rustup target list --installed | grep -x wasm32-unknown-unknown >/dev/null || rustup target add wasm32-unknown-unknown
for part in "${@:-build}"; do
    "setup_$part"
done
