#!/bin/sh
# tests/guest/check.sh: the CGI and Fastly guests in Node, which plays their
# hosts; part of `make check`.  tests/guest/run has the real ones too.
# SPDX-License-Identifier: MIT
set -eu
src=$(cd "${srcdir:-.}" && pwd)
BUILD=$(cd "${top_builddir:-.}" && pwd)

# From 20 on it has WASI and runs tests.
version=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
if test "${version:-0}" -lt 20; then
  echo 'no node of version 20 or later'
  exit 77
fi
for GUESTS in "$BUILD/guests" "$src/guests"; do
  test -f "$GUESTS/cgi.wasm" && break
done
if ! test -f "$GUESTS/cgi.wasm"; then
  echo 'configured without guests'
  exit 77
fi
PLACE=$(mktemp -d)
trap 'rm -rf "$PLACE"' EXIT
export BUILD GUESTS PLACE
node --no-warnings --test "$src/tests/guest/cgi.test.mjs" \
  "$src/tests/guest/fastly.test.mjs"
