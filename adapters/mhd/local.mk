# The libmicrohttpd adapter.  What it is made of is in a convenience library,
# so that the tests can call what the shared library hides.
if WITH_MHD
noinst_LTLIBRARIES += libmhd.la
libmhd_la_SOURCES = \
  %D%/cache.c \
  %D%/cache.h \
  %D%/daemon.c \
  %D%/gate.c \
  %D%/gate.h \
  %D%/listen.c \
  %D%/listen.h \
  %D%/log.c \
  %D%/log.h \
  %D%/prepare.c \
  %D%/prepare.h \
  %D%/request.c \
  %D%/request.h \
  %D%/site.c \
  %D%/site.h \
  %D%/strerror.c \
  %D%/thread.c \
  %D%/thread.h
libmhd_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden $(MHD_CFLAGS)

lib_LTLIBRARIES += libedgestatic_mhd.la
include_HEADERS += include/edgestatic_mhd.h
libedgestatic_mhd_la_SOURCES =
libedgestatic_mhd_la_LIBADD = libmhd.la libedgestatic.la $(MHD_LIBS)
libedgestatic_mhd_la_LDFLAGS = -version-info $(EDGESTATIC_MHD_LT) -no-undefined
endif
