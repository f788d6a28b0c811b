#!/bin/sh
# What Dragoman is built and tried with, and with the argument "tests" also what its tests need, with
# "deb" what its Debian package is built with.
#
#   contrib/packages.sh [tests|deb]    installs what is missing of Debian's packages; says so first,
#                                      says and does nothing when all is there; where there is no
#                                      dpkg-query, it only looks
#   contrib/packages.sh look [tests]   installs nothing: names what the compiler does not find, and
#                                      ends with 1; works elsewhere than on Debian, too. The
#                                      environment has the compiler, CC, and its FLAGS
set -eu

mode=install
if [ "${1-}" = look ]; then
    mode=look
    shift
fi

# Header, and Debian's package that holds it.
headers="stdio.h libc6-dev
libwebsockets.h libwebsockets-dev
uv.h libuv1-dev
libconfig.h libconfig-dev
sodium.h libsodium-dev
sqlite3.h libsqlite3-dev
unicode/uspoof.h libicu-dev
pcre2.h libpcre2-dev
zmq.h libzmq3-dev
openssl/ssl.h libssl-dev
zlib.h zlib1g-dev
curl/curl.h libcurl4-openssl-dev
jansson.h libjansson-dev
uthash.h uthash-dev"
needed="gcc make libwebsockets-evlib-uv python3 python3-websockets"

has() {
    command -v "$1" >/dev/null 2>&1
}

# Node.js often comes from elsewhere than Debian.
if [ "${1-}" = tests ]; then
    headers="$headers
cmocka.h libcmocka-dev"
    needed="$needed python3-zmq openssl binutils zsh chromium"
    has node || needed="$needed nodejs"
    has npm || needed="$needed npm"
    has node && has npm || needed="$needed ca-certificates"
fi
[ "${1-}" != deb ] || needed="$needed build-essential debhelper"

# ---- look: asks the compiler, and whatever else is run ----

missing_header() {
    # shellcheck disable=SC2086
    printf '#if !__has_include(<%s>)\n#error missing\n#endif\n' "$1" |
        ${CC:-cc} ${FLAGS-} -E -x c -o /dev/null - >/dev/null 2>&1 && return
    echo "    $1: Debian's package $2"
}

missing_command() {
    has "$1" || echo "    $1: Debian's package $2"
}

missing_module() {
    /usr/bin/python3 -c "import $1" >/dev/null 2>&1 || echo "    Python's $1: Debian's package python3-$1"
}

# The headers are not looked for without a compiler: they would all be missing.
look() {
    # shellcheck disable=SC2086
    if ! echo "int main(void) { return 0; }" | ${CC:-cc} ${FLAGS-} -c -x c -o /dev/null - >/dev/null 2>&1; then
        echo "    ${CC:-cc}: no compiler that works: Debian's package gcc"
        return
    fi
    echo "$headers" | while read -r header package; do
        missing_header "$header" "$package"
    done
    if [ "${1-}" = deb ]; then
        missing_command dpkg-buildpackage dpkg-dev
        missing_command dh debhelper
    fi
    [ "${1-}" = tests ] || return 0
    missing_command node nodejs
    missing_command npm npm
    missing_command openssl openssl
    missing_command readelf binutils
    missing_command zsh zsh
    missing_command chromium chromium
    missing_module websockets
    missing_module zmq
}

if [ "$mode" = look ] || ! has dpkg-query; then
    lost=$(look "$@")
    [ -n "$lost" ] || exit 0
    case ${1-} in
    tests) what="built and tested" target=test-deps ;;
    deb) what="made a Debian package" target=deb ;;
    *) what=built target=deps ;;
    esac
    echo "Dragoman cannot be $what: what follows is missing.
$lost
\`make $target\` installs it on Debian, with apt-get as root or with sudo. Elsewhere, please
install what holds it by the name it has there." >&2
    exit 1
fi

# ---- install ----

needed="$needed $(echo "$headers" | sed 's/.* //' | tr '\n' ' ')"

fail() {
    echo "$*" >&2
    exit 1
}

# One question for all: dpkg-query prints those that are installed, and complains of the others.
# shellcheck disable=SC2086
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package} \n' $needed 2>/dev/null || true)

missing=""
for package in $needed; do
    case "
$installed" in
    *"
installed $package "*) ;;
    *) missing="$missing $package" ;;
    esac
done
missing=${missing# }
[ -n "$missing" ] || exit 0

echo "Dragoman needs these Debian packages, which are not installed:"
echo "    $missing"

has apt-get ||
    fail "There is no apt-get here to install them with. Please install them yourself."

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    has sudo ||
        fail "Installing them needs root, and there is no sudo. Please run as root:
    apt-get install $missing"
    as_root="sudo"
fi

# sudo may drop the environment, so the setting goes behind it.
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"
}

echo "Installing them with ${as_root:+$as_root }apt-get."
began=$(date +%s)
apt update || echo "The package lists could not be brought up to date; going on with the old ones." >&2
# shellcheck disable=SC2086
apt install --no-install-recommends $missing ||
    fail "They could not be installed. Please install them yourself:
    $missing"
echo "The packages took $(($(date +%s) - began)) s."
