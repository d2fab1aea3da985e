# The builder and the handles around packs; native only.
if !WASM_HOST
noinst_LTLIBRARIES += libbuild.la
libedgestatic_builder = libbuild.la
endif
libbuild_la_SOURCES = \
  %D%/blobs.c \
  %D%/blobs.h \
  %D%/br.c \
  %D%/br.h \
  %D%/builder.c \
  %D%/builder.h \
  %D%/builder_rules.c \
  %D%/builder_rules.h \
  %D%/cache.c \
  %D%/cache.h \
  %D%/cachetags.c \
  %D%/cachetags.h \
  %D%/carry.c \
  %D%/carry.h \
  %D%/carry_rules.c \
  %D%/carry_rules.h \
  %D%/collect.c \
  %D%/collect.h \
  %D%/compose.c \
  %D%/compose.h \
  %D%/digest.c \
  %D%/digest.h \
  %D%/delta.c \
  %D%/delta.h \
  %D%/deltas.c \
  %D%/deltas.h \
  %D%/deltas_find.c \
  %D%/deltas_find.h \
  %D%/directives.c \
  %D%/directives.h \
  %D%/csp.c \
  %D%/csp.h \
  %D%/encode.c \
  %D%/encode.h \
  %D%/fieldlist.c \
  %D%/fieldlist.h \
  %D%/fields.c \
  %D%/fields.h \
  %D%/evidence.c \
  %D%/evidence.h \
  %D%/fingerprints.c \
  %D%/fingerprints.h \
  %D%/finish.c \
  %D%/gather.c \
  %D%/gather.h \
  %D%/glob.c \
  %D%/glob.h \
  %D%/handle.c \
  %D%/handle.h \
  %D%/headers_apply.c \
  %D%/headers_file.c \
  %D%/headers_file.h \
  %D%/html.c \
  %D%/html.h \
  %D%/htmlmem.c \
  %D%/htmlmem.h \
  %D%/headers_pack.c \
  %D%/headers_pack.h \
  %D%/ignore.c \
  %D%/ignore.h \
  %D%/imfdate.c \
  %D%/imfdate.h \
  %D%/io.c \
  %D%/io.h \
  %D%/layout.c \
  %D%/layout.h \
  %D%/layout_finish.c \
  %D%/lint.c \
  %D%/lint.h \
  %D%/lint_ask.c \
  %D%/lint_ask.h \
  %D%/lint_cover.c \
  %D%/lint_cover.h \
  %D%/lint_dead.c \
  %D%/lint_depart.c \
  %D%/lint_differ.c \
  %D%/lint_headers.c \
  %D%/lint_limits.c \
  %D%/lint_site.c \
  %D%/lint_walk.c \
  %D%/live.c \
  %D%/mem.c \
  %D%/mem.h \
  %D%/mime.c \
  %D%/mime.h \
  %D%/mime_table.c \
  %D%/pagelink.c \
  %D%/pagelink.h \
  %D%/pages.c \
  %D%/pages.h \
  %D%/origins.c \
  %D%/origins.h \
  %D%/policy.c \
  %D%/policy.h \
  %D%/policy_fields.c \
  %D%/policy_fields.h \
  %D%/pool.c \
  %D%/pool.h \
  %D%/preload.c \
  %D%/preload.h \
  %D%/readfile.c \
  %D%/readfile.h \
  %D%/redirects_cloudflare.c \
  %D%/redirects_file.c \
  %D%/redirects_file.h \
  %D%/redirects_netlify.c \
  %D%/redirects_number.c \
  %D%/redirects_pack.c \
  %D%/redirects_pack.h \
  %D%/redirects_reader.h \
  %D%/report.c \
  %D%/report.h \
  %D%/rulebook.c \
  %D%/rulebook.h \
  %D%/rulefile.c \
  %D%/rulefile.h \
  %D%/rulepath.c \
  %D%/rulepath.h \
  %D%/scan.c \
  %D%/scan.h \
  %D%/sitedict.c \
  %D%/sitedict.h \
  %D%/sitedict_use.c \
  %D%/sitedict_use.h \
  %D%/sri.c \
  %D%/sri.h \
  %D%/strings.c \
  %D%/strings.h \
  %D%/urls.c \
  %D%/urls.h \
  %D%/useas.c \
  %D%/useas.h \
  %D%/utf8.c \
  %D%/utf8.h \
  %D%/versions.c \
  %D%/versions.h \
  %D%/write.c \
  %D%/write.h
libbuild_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden $(XXHASH_CFLAGS) \
  $(BROTLI_CFLAGS) $(ZSTD_CFLAGS) $(DEFLATE_CFLAGS) $(GUMBO_CFLAGS) \
  $(NETTLE_CFLAGS)
libbuild_la_LIBADD = $(XXHASH_LIBS) $(BROTLI_LIBS) $(ZSTD_LIBS) $(DEFLATE_LIBS) \
  $(GUMBO_LIBS) $(NETTLE_LIBS)

lib_LTLIBRARIES += libedgestatic.la
libedgestatic_la_SOURCES =
libedgestatic_la_LIBADD = libcore.la $(libedgestatic_builder)
libedgestatic_la_LDFLAGS = -version-info $(EDGESTATIC_LT) -no-undefined

EXTRA_DIST += \
  tools/gen-ignore-table.py \
  tools/gen-mime.py
