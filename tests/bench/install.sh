#!/bin/sh
# What only the benchmark needs. Usage: tests/bench/install.sh FOLDER [apt]: prints what is missing of
# Debian's packages, with the word apt installs it; and npm puts what package-lock.json names into
# node_modules of FOLDER. Ends with 0 even when a peer is missing: the table says so.
set -u

folder=$1
may_apt=${2-}
here=$(dirname "$0")

as_root=""
[ "$(id -u)" -eq 0 ] || as_root=sudo

# install WORD PACKAGE: WORD is a program, or a file when it has a slash.
install() {
    word=$1
    shift
    case $word in
    */*) [ -e "$word" ] && return ;;
    *) PATH=$PATH:/usr/sbin command -v "$word" >/dev/null 2>&1 && return ;;
    esac
    if [ "$may_apt" != apt ]; then
        echo "The benchmark needs $*: \`make bench-deps\` installs it." >&2
        return
    fi
    echo "The benchmark needs $*: installing with apt-get."
    # RUNLEVEL keeps a package from starting its service.
    $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get -q -y install --no-install-recommends "$@" >"$folder/apt.log" 2>&1 && return
    $as_root apt-get -q update >>"$folder/apt.log" 2>&1
    $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get -q -y install --no-install-recommends "$@" >>"$folder/apt.log" 2>&1 ||
        echo "They could not be installed; see $folder/apt.log." >&2
}

mkdir -p "$folder"
install /usr/include/valgrind/callgrind.h valgrind
install /usr/include/openssl/ssl.h libssl-dev
install /usr/include/zmq.h libzmq3-dev
install openssl openssl
install mosquitto mosquitto
install nats-server nats-server
install nginx nginx-light
install redis-server redis-server
install node nodejs
install npm npm

if ! cmp -s "$here/package-lock.json" "$folder/installed.json"; then
    cp "$here/package.json" "$here/package-lock.json" "$folder/"
    if (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1); then
        cp "$here/package-lock.json" "$folder/installed.json"
    else
        echo "npm could not install ws; see $folder/npm.log." >&2
    fi
fi
exit 0
