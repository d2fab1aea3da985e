# The core: freestanding, imports only mem* (tests/core-imports.sh proves it).
noinst_LTLIBRARIES += libcore.la
libcore_la_SOURCES = \
  %D%/format.h \
  %D%/str.h
libcore_la_CFLAGS = $(AM_CFLAGS) -ffreestanding -fvisibility=hidden \
  $(XXHASH_CFLAGS)
