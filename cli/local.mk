# Guests and packs made into sites: no files, nothing to say.
libbundle_la_SOURCES = \
  %D%/publish/bundle.c \
  %D%/publish/bundle.h \
  %D%/publish/component.c \
  %D%/publish/component.h \
  %D%/publish/mark.c \
  %D%/publish/mark.h \
  %D%/publish/module.c \
  %D%/publish/module.h \
  %D%/publish/refusal.c \
  %D%/publish/refusal.h \
  %D%/publish/wasm.c \
  %D%/publish/wasm.h
libbundle_la_CFLAGS = $(AM_CFLAGS) $(XXHASH_CFLAGS)

# The command; it uses the public headers only, and the decoders of `verify`.
if WITH_CLI
noinst_LTLIBRARIES += libbundle.la
bin_PROGRAMS += edgestatic
edgestatic_SOURCES = \
  %D%/args.c \
  %D%/args.h \
  %D%/build.c \
  %D%/buildopts.c \
  %D%/buildopts.h \
  %D%/choose.c \
  %D%/choose.h \
  %D%/cli.h \
  %D%/decode.c \
  %D%/decode.h \
  %D%/diff.c \
  %D%/duration.c \
  %D%/duration.h \
  %D%/elfobj.c \
  %D%/elfobj.h \
  %D%/embed.c \
  %D%/expire.c \
  %D%/explain.c \
  %D%/gc.c \
  %D%/get.c \
  %D%/json.c \
  %D%/json.h \
  %D%/lint.c \
  %D%/listen.c \
  %D%/listen.h \
  %D%/ls.c \
  %D%/main.c \
  %D%/outfile.c \
  %D%/outfile.h \
  %D%/packfile.c \
  %D%/packfile.h \
  %D%/policyopts.c \
  %D%/policyopts.h \
  %D%/previous.c \
  %D%/previous.h \
  %D%/progress.c \
  %D%/progress.h \
  %D%/promote.c \
  %D%/purgelist.c \
  %D%/purgelist.h \
  %D%/release.c \
  %D%/releases.c \
  %D%/request.c \
  %D%/request.h \
  %D%/rollback.c \
  %D%/say.c \
  %D%/say.h \
  %D%/sitename.c \
  %D%/sitename.h \
  %D%/siteverb.c \
  %D%/siteverb.h \
  %D%/stop.c \
  %D%/stop.h \
  %D%/term.c \
  %D%/term.h \
  %D%/verify.c \
  %D%/view.c \
  %D%/view.h
# Where the prebuilt guests are installed.
edgestatic_CPPFLAGS = -I$(top_srcdir)/include -I$(top_builddir) \
  -DEDGESTATIC_GUESTDIR='"$(guestdir)"'
edgestatic_CFLAGS = $(AM_CFLAGS) $(XXHASH_CFLAGS) $(BROTLI_CFLAGS) \
  $(ZSTD_CFLAGS) $(DEFLATE_CFLAGS) $(NETTLE_CFLAGS) $(JANSSON_CFLAGS)
edgestatic_LDADD = libedgestatic.la $(BROTLI_LIBS) $(ZSTD_LIBS) \
  $(DEFLATE_LIBS) $(NETTLE_LIBS) $(JANSSON_LIBS)

if WITH_MHD
edgestatic_SOURCES += \
  %D%/collections.c \
  %D%/collections.h \
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

if WITH_PUBLISH
edgestatic_SOURCES += \
  %D%/publish.c \
  %D%/publish/budget.c \
  %D%/publish/budget.h \
  %D%/publish/fill.c \
  %D%/publish/fill.h \
  %D%/publish/guestfile.c \
  %D%/publish/guestfile.h \
  %D%/publish/hostrun.c \
  %D%/publish/hostrun.h \
  %D%/publish/limits.c \
  %D%/publish/material.c \
  %D%/publish/oci.c \
  %D%/publish/oci.h \
  %D%/publish/onefile.c \
  %D%/publish/onefile.h \
  %D%/publish/outcommit.c \
  %D%/publish/outdir.c \
  %D%/publish/outdir.h \
  %D%/publish/path.c \
  %D%/publish/path.h \
  %D%/publish/pieces.c \
  %D%/publish/pieces.h \
  %D%/publish/publish.h \
  %D%/publish/record.c \
  %D%/publish/record.h \
  %D%/publish/report.c \
  %D%/publish/report.h \
  %D%/publish/tarball.c \
  %D%/publish/tarball.h \
  %D%/publish/target.c \
  %D%/publish/target.h \
  %D%/publish/target_component.c \
  %D%/publish/target_fastly.c \
  %D%/publish/target_js.c \
  %D%/publish/target_oci.c
edgestatic_CFLAGS += $(ARCHIVE_CFLAGS)
edgestatic_LDADD += libbundle.la $(ARCHIVE_LIBS)
endif

bashcompletiondir = $(bashcompdir)
dist_bashcompletion_DATA = %D%/completion/edgestatic.bash
zshcompletiondir = $(zshcompdir)
dist_zshcompletion_DATA = %D%/completion/_edgestatic
endif
