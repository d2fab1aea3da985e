# The core: freestanding, imports only mem* (tests/core-imports.sh proves it).
noinst_LTLIBRARIES += libcore.la
libcore_la_SOURCES = \
  %D%/answer.c \
  %D%/answer.h \
  %D%/check.c \
  %D%/coding.c \
  %D%/coding.h \
  %D%/cond.c \
  %D%/cond.h \
  %D%/cors.c \
  %D%/cors.h \
  %D%/date.c \
  %D%/date.h \
  %D%/digest.c \
  %D%/digest.h \
  %D%/etag.c \
  %D%/etag.h \
  %D%/expand.c \
  %D%/expand.h \
  %D%/field.c \
  %D%/fingerprint.c \
  %D%/fingerprint.h \
  %D%/format.h \
  %D%/hash.c \
  %D%/hash.h \
  %D%/headers.c \
  %D%/headers.h \
  %D%/headers_check.c \
  %D%/hidden.c \
  %D%/host.h \
  %D%/list.c \
  %D%/list.h \
  %D%/pack.c \
  %D%/pack.h \
  %D%/pattern.c \
  %D%/pattern.h \
  %D%/range.c \
  %D%/range.h \
  %D%/respond.c \
  %D%/route.c \
  %D%/route.h \
  %D%/rules.c \
  %D%/rules.h \
  %D%/rules_check.c \
  %D%/str.h \
  %D%/structured.c \
  %D%/structured.h \
  %D%/target.c \
  %D%/target.h \
  %D%/text.h \
  %D%/uri.h
libcore_la_CFLAGS = $(AM_CFLAGS) -ffreestanding -fvisibility=hidden \
  $(XXHASH_CFLAGS)
