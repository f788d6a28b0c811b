#!/bin/sh
# Tries the Debian package in a fresh Debian: `make check-deb RELEASE=trixie`, as root.
#
# Usage: tests/packages/try.sh RELEASE TARBALL [PACKAGE]
# Builds the package of the sources in TARBALL where nothing else is installed, or takes PACKAGE; then,
# in another root, installs it with apt, tries what it brought (installed.sh), removes and purges it, and
# looks for what is left. Prints "N passed, N failed"; ends with 1 when anything failed.
#
# Needs debootstrap, and some 2 GB below ROOTS (build/roots), which keeps what debootstrap made: with
# ROOTS=FOLDER, FOLDER/RELEASE.base may be a root that is already there. MIRROR= is another
# mirror than that of debootstrap.
set -eu

release=$1
tarball=$(realpath "$2")
package=${3:+$(realpath "$3")}
here=$(dirname "$(realpath "$0")")
: "${ROOTS:=build/roots}" "${MIRROR:=}"
mkdir -p "$ROOTS"
roots=$(realpath "$ROOTS")

fail() {
    echo "$*" >&2
    exit 1
}

[ "$(id -u)" -eq 0 ] || fail "try.sh makes roots and installs in them: run it as root."

# Mounts of its own, which end with it.
[ "${OWN_MOUNTS-}" ] || exec env OWN_MOUNTS=yes ROOTS="$roots" MIRROR="$MIRROR" \
    unshare --mount sh "$0" "$release" "$tarball" ${package:+"$package"}

# RELEASE.base as debootstrap makes it, and with what is here of certificates.
base() {
    root=$roots/$release.base
    if [ ! -d "$root" ]; then
        command -v debootstrap >/dev/null || fail "install Debian's package debootstrap"
        rm -rf "$root.new"
        debootstrap --variant=minbase --include=ca-certificates "$release" "$root.new" ${MIRROR:+"$MIRROR"} ||
            fail "debootstrap could not make $root"
        mv "$root.new" "$root"
    fi
}

# A copy of the base, with what a running system has.
make_root() { # NAME
    rm -rf --one-file-system "${roots:?}/$1"
    cp -a "$root" "$roots/$1"
    cp /usr/local/share/ca-certificates/*.crt "$roots/$1/usr/local/share/ca-certificates/" 2>/dev/null || true
    cp -L /etc/resolv.conf "$roots/$1/etc/resolv.conf" 2>/dev/null || true
    echo "127.0.0.1 localhost" >"$roots/$1/etc/hosts"
    printf '#!/bin/sh\nexit 101\n' >"$roots/$1/usr/sbin/policy-rc.d"
    chmod 755 "$roots/$1/usr/sbin/policy-rc.d"
    mount -t proc proc "$roots/$1/proc"
    mount --rbind /dev "$roots/$1/dev"
    inside "$1" 'update-ca-certificates >/dev/null 2>&1 || true; apt-get -q update >/dev/null'
}

inside() { # NAME, COMMANDS
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        chroot "$roots/$1" bash -ec "$2"
}

build() {
    name=$release.build
    make_root "$name"
    log=$roots/$release.build.log
    tar -xz -C "$roots/$name/root" -f "$tarball"
    inside "$name" '
        apt-get install -q -y --no-install-recommends make >/dev/null
        cd /root/dragoman-*
        make deb' >"$log" 2>&1 || {
        tail -40 "$log" >&2
        fail "make deb failed in $release; see $log"
    }
    inside "$name" 'apt-get install -q -y --no-install-recommends lintian blhc >/dev/null 2>&1
        cd /root/dragoman-*/build/deb
        lintian --info --fail-on error,warning --allow-root dragoman_*.changes
        blhc --all build.log'
    package=$(ls "$roots/$name"/root/dragoman-*/build/deb/dragoman_*.deb)
}

base
if [ ! "$package" ]; then
    build
    echo "ok built in $release; neither lintian nor blhc complain: $(basename "$package")"
fi
make_root "$release.try"
cp "$package" "$here/installed.sh" "$roots/$release.try/root/"
inside "$release.try" 'bash /root/installed.sh /root/dragoman_*.deb'
