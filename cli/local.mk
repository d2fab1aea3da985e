# The command; it uses the public headers only, and the decoders of `verify`.
if WITH_CLI
bin_PROGRAMS += edgestatic
edgestatic_SOURCES = \
  %D%/args.c \
  %D%/args.h \
  %D%/build.c \
  %D%/buildopts.c \
  %D%/buildopts.h \
  %D%/cli.h \
  %D%/decode.c \
  %D%/decode.h \
  %D%/elfobj.c \
  %D%/elfobj.h \
  %D%/embed.c \
  %D%/explain.c \
  %D%/get.c \
  %D%/json.c \
  %D%/json.h \
  %D%/ls.c \
  %D%/main.c \
  %D%/outfile.c \
  %D%/outfile.h \
  %D%/packfile.c \
  %D%/packfile.h \
  %D%/progress.c \
  %D%/progress.h \
  %D%/request.c \
  %D%/request.h \
  %D%/say.c \
  %D%/say.h \
  %D%/stop.c \
  %D%/stop.h \
  %D%/term.c \
  %D%/term.h \
  %D%/verify.c \
  %D%/view.c \
  %D%/view.h
edgestatic_CPPFLAGS = -I$(top_srcdir)/include -I$(top_builddir)
edgestatic_CFLAGS = $(AM_CFLAGS) $(XXHASH_CFLAGS) $(BROTLI_CFLAGS) \
  $(ZSTD_CFLAGS) $(DEFLATE_CFLAGS) $(JANSSON_CFLAGS)
edgestatic_LDADD = libedgestatic.la $(BROTLI_LIBS) $(ZSTD_LIBS) \
  $(DEFLATE_LIBS) $(JANSSON_LIBS)

if WITH_MHD
edgestatic_SOURCES += \
  %D%/listen.c \
  %D%/listen.h \
  %D%/log.c \
  %D%/log.h \
  %D%/serve.c \
  %D%/watch.c \
  %D%/watch.h
edgestatic_LDADD += libedgestatic_mhd.la
endif

if WITH_CURL
edgestatic_SOURCES += \
  %D%/check.c \
  %D%/probe.c \
  %D%/probe.h
edgestatic_CFLAGS += $(CURL_CFLAGS)
edgestatic_LDADD += $(CURL_LIBS)
endif

bashcompletiondir = $(bashcompdir)
dist_bashcompletion_DATA = %D%/completion/edgestatic.bash
zshcompletiondir = $(zshcompdir)
dist_zshcompletion_DATA = %D%/completion/_edgestatic
endif
