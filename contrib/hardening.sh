#!/bin/sh
# Prints the flags that harden what a compiler makes: those of them that it knows, for the machine
# it makes programs for; with --whole, the flags with which it optimizes a program as a whole.
# Prints nothing when there is no such compiler.
# Usage: contrib/hardening.sh [--whole] CC; CC may be several words ("ccache gcc").
set -eu

whole=
if [ "$1" = --whole ]; then
    whole=yes
    shift
fi
cc=$*

# takes FLAG...: does the compiler take them, without a word?
takes() {
    # shellcheck disable=SC2086
    printf '#include <string.h>\nint main(void) { return 0; }\n' |
        $cc -O2 -Werror "$@" -c -x c -o /dev/null - >/dev/null 2>&1
}

if [ "$whole" ]; then
    if takes -flto=auto -ffat-lto-objects; then echo "-flto=auto -ffat-lto-objects"; fi
    exit
fi

takes -fPIE || exit 0
flags="-fPIE"
for flag in -fstack-protector-strong -fstack-clash-protection -fcf-protection \
    -mbranch-protection=standard; do
    if takes "$flag"; then flags="$flags $flag"; fi
done

# Distributions' compilers have a level of their own.
for level in 3 2; do
    if takes -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$level; then
        flags="$flags -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$level"
        break
    fi
done
echo "$flags"
