# wasm.m4 - a compiler and a linker for the Wasm guests.
# SPDX-License-Identifier: MIT

# ES_PROG_WASM(IF-FOUND, IF-NOT): sets WASM_CC and WASM_LD to a clang and a
# wasm-ld that make modules of wasm32 together, unless the user has set them.
AC_DEFUN([ES_PROG_WASM], [
AC_ARG_VAR([WASM_CC], [clang for the Wasm guests])
AC_ARG_VAR([WASM_LD], [wasm-ld for the Wasm guests])
AC_MSG_CHECKING([for a clang and a wasm-ld for wasm32])
es_wasm=no
echo 'int f(void); int f(void) { return 1; }' >conftest.guest.c
for es_v in "" -22 -21 -20 -19 -18 -17 -16 -15 -14; do
  es_cc=${WASM_CC:-clang$es_v}
  $es_cc --target=wasm32 -mcpu=mvp -mbulk-memory -msign-ext -nostdlibinc \
    -c conftest.guest.c -o conftest.guest.o 2>&AS_MESSAGE_LOG_FD || continue
  for es_ld in ${WASM_LD:-"wasm-ld$es_v" wasm-ld}; do
    $es_ld --no-entry --stack-first --strip-all --export-if-defined=f \
      conftest.guest.o -o conftest.guest.wasm 2>&AS_MESSAGE_LOG_FD || continue
    es_wasm="$es_cc, $es_ld"
    break 2
  done
done
rm -f conftest.guest.*
AC_MSG_RESULT([$es_wasm])
AS_IF([test "x$es_wasm" != xno],
  [WASM_CC=$es_cc WASM_LD=$es_ld
   $1],
  [$2])
])
