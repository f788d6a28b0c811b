#!/bin/sh
# Makes the Debian package: contrib/deb.sh VERSION, from the top of the tree. It is built of the tar
# that contrib/dist.sh makes, below build/deb/, where contrib/debian/ becomes debian/. What it printed
# is in build/deb/build.log. DEB_BUILD_OPTIONS and the like are taken from the environment.
set -eu

version=$1
sh contrib/dist.sh "$version"
rm -rf build/deb
mkdir -p build/deb
tar -xz -C build/deb -f "build/dragoman-$version.tar.gz"
cd "build/deb/dragoman-$version"
cp -r contrib/debian debian

said=$(dpkg-parsechangelog -S Version)
if [ "${said%-*}" != "$version" ]; then
    echo "contrib/debian/changelog is of $said, and the Makefile of $version" >&2
    exit 1
fi

# What make exports is this make's own matter.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES HARDENING WHOLE
echo "Building the Debian package; see build/deb/build.log."
dpkg-buildpackage -b -us -uc >../build.log 2>&1 || {
    tail -40 ../build.log >&2
    exit 1
}
cd ..
rm -rf "dragoman-$version"
for file in *.deb; do echo "build/deb/$file"; done
