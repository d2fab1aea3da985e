# The builder and the handles around packs; native only.
noinst_LTLIBRARIES += libbuild.la
libbuild_la_SOURCES = \
  %D%/glob.c \
  %D%/glob.h \
  %D%/handle.c \
  %D%/handle.h \
  %D%/ignore.c \
  %D%/ignore.h \
  %D%/live.c \
  %D%/mem.c \
  %D%/mem.h \
  %D%/mime.c \
  %D%/mime.h \
  %D%/mime_table.c \
  %D%/policy.c \
  %D%/policy.h \
  %D%/readfile.c \
  %D%/readfile.h \
  %D%/report.c \
  %D%/report.h \
  %D%/scan.c \
  %D%/scan.h \
  %D%/urls.c \
  %D%/urls.h \
  %D%/utf8.c \
  %D%/utf8.h
libbuild_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden $(XXHASH_CFLAGS) \
  $(BROTLI_CFLAGS) $(ZSTD_CFLAGS) $(DEFLATE_CFLAGS)
libbuild_la_LIBADD = $(BROTLI_LIBS) $(ZSTD_LIBS) $(DEFLATE_LIBS)

lib_LTLIBRARIES += libedgestatic.la
libedgestatic_la_SOURCES =
libedgestatic_la_LIBADD = libcore.la libbuild.la
libedgestatic_la_LDFLAGS = -version-info $(EDGESTATIC_LT) -no-undefined

EXTRA_DIST += tools/gen-mime.py
