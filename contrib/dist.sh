#!/bin/sh
# Makes the tar of a version's sources: contrib/dist.sh VERSION makes build/dragoman-VERSION.tar.gz.
# From the top of the tree.
#
# In git it has the files of the last commit; in a tree that came out of such a tar, those that are
# there. The same files make the same bytes: they are in order, nobody's, and all of one time, which
# is SOURCE_DATE_EPOCH, else the commit's, else that of the newest file.
set -eu

name=dragoman-$1
stage=build/dist
rm -rf "$stage"
mkdir -p "$stage/$name"

# A .git of its own: a tree below build/ is in the repository of the tree around it.
if [ -e .git ]; then
    git archive --format=tar HEAD | tar -x -C "$stage/$name"
    : "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
    [ -z "$(git status --porcelain)" ] ||
        echo "What is not committed is not in $name.tar.gz." >&2
else
    # What .gitignore names, and what packagers add.
    find . -type f ! -path './build/*' ! -path './debian/*' ! -path '*/node_modules/*' ! -path './.pc/*' \
        ! -name compile_commands.json ! -path './contrib/examples/*.sock' ! -path './contrib/examples/*.pid' \
        ! -path ./dragoman.pid -print0 | tar -c --null -T - | tar -x -C "$stage/$name"
    : "${SOURCE_DATE_EPOCH:=$(find "$stage" -type f -printf '%Ts\n' | sort -n | tail -1)}"
fi

tar -c -C "$stage" --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rw,go=u,go-w \
    --mtime="@$SOURCE_DATE_EPOCH" "$name" | gzip -9 -n >"build/$name.tar.gz.new"
mv "build/$name.tar.gz.new" "build/$name.tar.gz"
rm -rf "$stage"
echo "build/$name.tar.gz"
