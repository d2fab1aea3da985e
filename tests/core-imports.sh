#!/bin/sh
# The objects of the core import memcmp, memcpy, memmove and memset and
# nothing else: that is what lets them run in a guest without a C library.
# Run by `make check` in the build folder.  SPDX-License-Identifier: MIT
set -eu
objects=$(find libedgestatic/core -name 'libcore_la-*.o' -path '*core/lib*')
test -n "$objects" || { echo 'no objects of the core here'; exit 1; }

# What the objects want, less what they give each other.
# shellcheck disable=SC2086 # a list of files
imports=$(nm -u $objects | awk 'NF == 2 { print $2 }' | sort -u)
# shellcheck disable=SC2086
exports=$(nm -g --defined-only $objects | awk 'NF == 3 { print $3 }' | sort -u)
others=$(for name in $imports; do
  case $name in
    memcmp | memcpy | memmove | memset) ;;
    *) echo "$exports" | grep -qx "$name" || echo "$name" ;;
  esac
done)

case $others in
  '') echo "the core imports mem* only: $(echo "$imports" | grep ^mem | xargs)" ;;
  *__asan* | *__ubsan* | *__tsan* | *__gcov* | *__sanitizer*)
    echo 'skipped: a build with a sanitizer or with coverage imports theirs'
    exit 77
    ;;
  *)
    echo "the core imports:" "$others"
    exit 1
    ;;
esac
