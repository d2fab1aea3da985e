# wasm.m4 - WebAssembly: a compiler and a linker for the guests, and the library
# for programs that are compiled to it.
# SPDX-License-Identifier: MIT

# ES_PROG_WASM(IF-FOUND, IF-NOT): sets WASM_CC and WASM_LD to a clang and a
# wasm-ld that make modules of wasm32 together, unless the user has set them.
AC_DEFUN([ES_PROG_WASM], [
AC_ARG_VAR([WASM_CC], [clang for the Wasm guests])
AC_ARG_VAR([WASM_LD], [wasm-ld for the Wasm guests])
es_given=$WASM_CC$WASM_LD
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
  [test -n "$es_given"],
  [AC_MSG_ERROR([WASM_CC or WASM_LD is not one for wasm32; see config.log])],
  [$2])
])

# ES_WASM_HOST: for ./configure --host=wasm32-wasi, before AC_PROG_CC.  Sets
# wasm_host to yes or no, and unless the user has set them CC to clang and AR,
# RANLIB and NM to LLVM's (GNU's cannot list what such objects define).  The
# library is compiled without headers of a C library, so that none is needed
# but for the programs that use it; link tests link nothing.
AC_DEFUN([ES_WASM_HOST], [
AC_REQUIRE([AC_CANONICAL_HOST])
wasm_host=no
AS_CASE([$host], [wasm32-*], [wasm_host=yes])
AS_IF([test $wasm_host = yes],
  [AS_IF([test -z "$CC"],
     [AC_CHECK_PROGS([WASM_HOST_CC],
        [clang clang-22 clang-21 clang-20 clang-19 clang-18 clang-17 clang-16 clang-15 clang-14],
        [no])
      CC=$WASM_HOST_CC])
   AS_IF([test "$CC" = no],
     [AC_MSG_ERROR([clang is missing; on Debian: apt-get install clang lld llvm])])
   AS_IF([echo __wasm__ | $CC -E -P - 2>&AS_MESSAGE_LOG_FD | grep -q __wasm__],
     [CC="$CC --target=$host_cpu-$host_os"])
   es_v=`AS_ECHO(["$CC"]) | sed -n 's/^@<:@^ @:>@*clang\(-@<:@0-9@:>@*\).*/\1/p'`
   AC_CHECK_PROGS([AR], [llvm-ar$es_v llvm-ar], [no])
   AC_CHECK_PROGS([RANLIB], [llvm-ranlib$es_v llvm-ranlib], [:])
   AC_CHECK_PROGS([NM], [llvm-nm$es_v llvm-nm], [no])
   AS_IF([test "$AR" = no || test "$NM" = no],
     [AC_MSG_ERROR([llvm-ar or llvm-nm is missing; on Debian: apt-get install llvm])])
   LDFLAGS="$LDFLAGS -nostdlib -Wl,--no-entry"])
AM_CONDITIONAL([WASM_HOST], [test $wasm_host = yes])
])
