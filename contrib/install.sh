#!/bin/sh
# Installs Dragoman, or removes what it installed: `make install` and `make uninstall`.
# Usage: BINARY=build/dragoman PREFIX=/usr/local DESTDIR= contrib/install.sh install|uninstall|list
# From the top of the tree. ZSH_FUNCTIONS is the folder of zsh's functions below PREFIX; distributions have
# their own.
set -eu

: "${BINARY:=build/dragoman}" "${PREFIX:=/usr/local}" "${DESTDIR:=}" "${ZSH_FUNCTIONS:=share/zsh/site-functions}"
root=$DESTDIR$PREFIX
doc=share/doc/dragoman

# Each file of ours, and its place below PREFIX. A completion is printed by the program. Whatever
# lies in these folders is installed, so a new page or sample needs no line here.
list() {
    echo "$BINARY bin/dragoman"
    for file in contrib/man/*.[1-8]; do echo "$file share/man/man${file##*.}/${file##*/}"; done
    for file in contrib/systemd/*.service contrib/systemd/*.socket; do
        [ ! -f "$file" ] || echo "$file lib/systemd/system/${file##*/}"
    done
    find contrib/schema -name '*.json' | sort | while read -r file; do
        echo "$file share/dragoman/${file#contrib/}"
    done
    for file in contrib/clients/*.*; do echo "$file share/dragoman/${file#contrib/}"; done
    echo "conf/dragoman.cfg $doc/examples/dragoman.cfg"
    for folder in examples fail2ban prometheus proxy; do
        [ ! -d contrib/$folder ] || find contrib/$folder -type f ! -name '*.sock' ! -name '*.pid'
    done | sort | while read -r file; do
        case $file in
        contrib/examples/*) echo "$file $doc/${file#contrib/}" ;;
        *) echo "$file $doc/examples/${file#contrib/}" ;;
        esac
    done
    for file in contrib/doc/*.* contrib/*.md; do [ ! -f "$file" ] || echo "$file $doc/${file##*/}"; done
    echo "completion-bash share/bash-completion/completions/dragoman"
    echo "completion-zsh $ZSH_FUNCTIONS/_dragoman"
}

put() { # FROM, PLACE
    echo "  INSTALL $root/$2"
    case $1 in
    completion-*) made=$("$BINARY" completion "${1#completion-}") ;;
    contrib/man/* | contrib/systemd/* | contrib/prometheus/*) # they name files below PREFIX
        made=$(sed -E "s#/usr/local/(share/(doc/)?dragoman|bin/dragoman)#$PREFIX/\1#g
            s#/usr/bin/dragoman#$PREFIX/bin/dragoman#g" "$1") ;;
    "$BINARY") install -D -m 755 "$1" "$root/$2" && return ;;
    *) install -D -m 644 "$1" "$root/$2" && return ;;
    esac
    printf '%s\n' "$made" | install -D -m 644 /dev/stdin "$root/$2"
}

# Folders that have our name are removed with their last file; the others are everybody's.
take() { # PLACE
    echo "  REMOVE  $root/$1"
    rm -f "$root/$1"
    folder=${1%/*}
    while :; do
        case $folder/ in
        */dragoman/*) rmdir "$root/$folder" 2>/dev/null || break ;;
        *) break ;;
        esac
        folder=${folder%/*}
    done
}

case ${1-} in
list) list | while read -r from place; do echo "$root/$place"; done ;;
install) list | while read -r from place; do put "$from" "$place"; done ;;
uninstall) list | while read -r from place; do take "$place"; done ;;
*)
    echo "Usage: contrib/install.sh install|uninstall|list" >&2
    exit 2
    ;;
esac
