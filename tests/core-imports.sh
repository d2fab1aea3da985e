#!/bin/sh
# core-imports.sh - the core imports memcpy, memcmp, memmove and memset and
# nothing else, so that it can run where there is no C library.
# SPDX-License-Identifier: MIT
set -eu

dir=${top_builddir:-.}/libedgestatic/core
nm=${NM:-nm}
found=no
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for set in "$dir" "$dir/.libs"; do
  ls "$set"/libcore_la-*.o > "$work/objects" 2>/dev/null || continue
  found=yes
  # shellcheck disable=SC2086 # NM may have an option
  xargs $nm -g < "$work/objects" > "$work/symbols"
  awk 'NF == 3 && $2 != "U" { print $3 }' "$work/symbols" | sort -u \
    > "$work/defined"
  awk '$1 == "U" { print $2 }' "$work/symbols" | sort -u > "$work/all"
  if grep -qE '^__(gcov|llvm_prof|asan|ubsan|tsan|sancov)' "$work/all"; then
    echo 'skipped: what measures coverage or sanitizes has imports of its own'
    exit 77
  fi
  # What a compiler adds where it hardens is no import of the core's, nor is
  # the stack of a Wasm module.
  grep -Ev '^__stack_chk|^__(memcpy|memmove|memset)_chk$|^_GLOBAL_OFFSET_TABLE_$|^__stack_pointer$' \
    "$work/all" | grep -Evx 'memcpy|memcmp|memmove|memset' \
    > "$work/undefined" || true
  if ! comm -23 "$work/undefined" "$work/defined" > "$work/imports" ||
    test -s "$work/imports"; then
    echo "the core in $set imports:"
    cat "$work/imports"
    exit 1
  fi
done

if test "$found" = no; then
  echo "no objects of the core in $dir"
  exit 1
fi
echo "the core imports mem* only"
