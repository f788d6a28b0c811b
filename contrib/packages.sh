#!/bin/sh
# Installs what is missing of the Debian packages that Dragoman is built and tried with, and with
# the argument "tests" also what its tests need. Says so first; says and does nothing when all is
# there.
set -eu

needed="gcc libc6-dev make libwebsockets-dev libwebsockets-evlib-uv libuv1-dev libconfig-dev
    libsodium-dev libicu-dev libpcre2-dev libzmq3-dev libssl-dev uthash-dev python3
    python3-websockets"

has() {
    command -v "$1" >/dev/null 2>&1
}

# Node.js often comes from elsewhere than Debian.
if [ "${1-}" = tests ]; then
    needed="$needed libcmocka-dev libjansson-dev python3-zmq openssl"
    has node || needed="$needed nodejs"
    has npm || needed="$needed npm"
    has node && has npm || needed="$needed ca-certificates"
fi

fail() {
    echo "$*" >&2
    exit 1
}

has dpkg-query ||
    fail "This is not a Debian system: there is no dpkg-query. Please install what these packages hold:
    $needed"

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
apt update || echo "The package lists could not be brought up to date; going on with the old ones." >&2
# shellcheck disable=SC2086
apt install --no-install-recommends $missing ||
    fail "They could not be installed. Please install them yourself:
    $missing"
