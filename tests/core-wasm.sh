#!/bin/sh
# core-wasm.sh - the core compiles for a machine of 32 bits without a C
# library: the target of the guests.  Skipped where clang has no WebAssembly.
# SPDX-License-Identifier: MIT
set -eu

src=${srcdir:-.}
clang=${CLANG:-clang}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo 'int x;' > "$work/x.c"
if ! "$clang" --target=wasm32 -c "$work/x.c" -o "$work/x.o" 2>/dev/null; then
  echo "no clang that compiles for wasm32"
  exit 77
fi

mkdir "$work/include"
# xxhash.h stands among the headers of the host's C library.
# shellcheck disable=SC2086 # lists of flags
header=$(echo '#include <xxhash.h>' |
  ${CC:-cc} ${XXHASH_CFLAGS:-} -E - | sed -n 's/^# 1 "\(.*xxhash.h\)".*/\1/p')
cp "$(dirname "$header")"/xxh*.h "$work/include"

for file in "$src"/libedgestatic/core/*.c; do
  "$clang" --target=wasm32 -std=c11 -Os -ffreestanding -nostdlibinc -Wall \
    -Wextra -Wshorten-64-to-32 -Werror -isystem "$src/adapters/guest/include" \
    -isystem "$work/include" -I "$src/include" -I "$src/libedgestatic" \
    -c "$file" -o "$work/$(basename "$file" .c).o"
done
echo "the core compiles for wasm32"
