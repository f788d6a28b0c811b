#!/bin/sh
# Files as constant data of the program: prints C that defines the table of bridge/net/pages/pages.h.
# Usage: contrib/embed.sh FILE... >OUT.c, of files of contrib/console/. The folder says where a file is
# served; index.html is at "/" there, every other at its own name, without its folder.
set -eu
LC_ALL=C
export LC_ALL

bytes() { # NAME, of standard input
    echo "static const unsigned char $1[] = {"
    od -An -v -tx1 | sed 's/ *\([0-9a-f][0-9a-f]\)/ 0x\1,/g'
    echo "};"
}

echo '#include "bridge/net/pages/pages.h"'
table=""
number=0
for file; do
    name=${file##*/}
    case $name in
    *.html) type="text/html; charset=utf-8" ;;
    *.css) type="text/css; charset=utf-8" ;;
    *.js) type="text/javascript; charset=utf-8" ;;
    *.svg) type="image/svg+xml" ;;
    *) echo "embed.sh: no type is known for $file" >&2 && exit 1 ;;
    esac
    case $file in
    *.svg) places="PAGE_CLIENT | PAGE_DEMO | PAGE_OPERATOR" ;;
    */operator/index.html) places="PAGE_OPERATOR" ;;
    */operator/*) places="PAGE_OPERATOR | PAGE_DEMO" ;;
    */demo/*) places="PAGE_DEMO" ;;
    *) places="PAGE_CLIENT" ;;
    esac
    [ "$name" != index.html ] || name=""
    bytes "plain_$number" <"$file"
    gzip -9 -n -c "$file" | bytes "packed_$number"
    etag=$(sha256sum <"$file" | cut -c1-16)
    table="$table
	{ $places, \"/$name\", \"$type\", \"W/\\\"$etag\\\"\", plain_$number, packed_$number,
	  sizeof(plain_$number), sizeof(packed_$number) },"
    number=$((number + 1))
done
echo "const struct page pages_table[] = {$table
};"
echo "const size_t pages_count = $number;"
