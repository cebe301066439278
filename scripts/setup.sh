#!/usr/bin/env bash
# Installs what is missing and builds web/dist. Usage: setup.sh run|test (test: what the tests need beside).
# Says nothing and takes a moment when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "setup: $*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# The packages whose programs or files are not there.
missing_packages() {
    has cc || echo build-essential pkg-config
    has ffmpeg || echo ffmpeg
    has espeak-ng || echo espeak-ng
    has pdftoppm || echo poppler-utils
    local fonts=/usr/share/fonts
    [ -e $fonts/opentype/noto/NotoSerifCJK-Regular.ttc ] || echo fonts-noto-cjk
    [ -e $fonts/truetype/hanazono/HanaMinA.ttf ] || echo fonts-hanazono
    [ -e $fonts/truetype/babelstone/BabelStoneHan.ttf ] || echo fonts-babelstone-han
    [ "$1" = test ] || return 0
    has chromium || echo chromium
    has age || echo age
    [ -x /usr/lib/postgresql/15/bin/initdb ] || echo postgresql-15
    has python3 || echo python3
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif has sudo; then sudo "$@"
    else fail "needs root or sudo for: $*"; fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
}

# Debian starts a cluster of its own with the package; the tests bring theirs, so it is held back while installing.
install_postgresql() {
    local conf=/etc/postgresql-common/createcluster.conf
    apt_install postgresql-common
    as_root cp -p $conf $conf.before
    as_root sh -c "echo 'create_main_cluster = false' >> $conf"
    apt_install postgresql-15 || { as_root mv $conf.before $conf; fail "postgresql-15 could not be installed"; }
    as_root mv $conf.before $conf
}

install_missing() {
    local missing
    missing=$(missing_packages "$1" | tr '\n' ' ')
    [ -n "${missing// /}" ] || return 0
    has apt-get || fail "please install: $missing"
    echo "setup: installing $missing"
    as_root apt-get update -qq </dev/null || echo "setup: the package lists could not be renewed" >&2
    local others=${missing//postgresql-15/}
    # shellcheck disable=SC2086
    [ -z "${others// /}" ] || apt_install $others
    if [ "$others" != "$missing" ]; then install_postgresql; fi
}

# Whether version $1 is at least $2.
is_at_least() { [ "$(printf '%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

check_toolchains() {
    has cargo || fail "Rust 1.95 or newer is needed (rustup.rs)"
    local rust node
    rust=$(rustc --version | cut -d ' ' -f 2)
    is_at_least "$rust" 1.95 || fail "Rust 1.95 or newer is needed, here is $rust"
    has node && has npm || fail "Node 18.17 or newer with npm is needed"
    node=$(node --version)
    is_at_least "${node#v}" 18.17 || fail "Node 18.17 or newer is needed, here is $node"
}

# npm ci where the lock file is newer than what is installed.
npm_packages() {
    [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return 0
    echo "setup: npm packages of $1"
    (cd "$1" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error </dev/null)
    touch "$1/node_modules/.package-lock.json"
}

# What web/dist is made from: its sources, and the icons that templates and code name.
web_inputs() {
    {
        find web/src web/build web/build.mjs web/icons.txt web/package-lock.json -type f -print0 |
            LC_ALL=C sort -z | xargs -0 sha256sum
        grep -rhoE '(icon|empty)(\(|:) *"[a-z0-9-]+"' --include=*.html --include=*.rs crates features provider app |
            LC_ALL=C sort -u
    } | sha256sum
}

build_web() {
    local now
    now=$(web_inputs)
    if [ -e web/dist/manifest.json ] && [ "$(cat web/.inputs 2>/dev/null)" = "$now" ]; then return 0; fi
    echo "setup: building web/dist"
    (cd web && npm run --silent build </dev/null >/dev/null)
    echo "$now" >web/.inputs
}

part=${1:-test}
install_missing "$part"
check_toolchains
npm_packages web
build_web
if [ "$part" = test ] && [ -e stories/browser/package-lock.json ]; then npm_packages stories/browser; fi
