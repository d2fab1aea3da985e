# The example programs; `make check` builds them, tests/examples runs them.
EXTRA_DIST += \
  examples/app/site/404.html \
  examples/app/site/index.html \
  examples/app/site/style.css \
  examples/app/site/visits.js \
  examples/hugo-blog/README.md \
  examples/hugo-blog/assets \
  examples/hugo-blog/content \
  examples/hugo-blog/data \
  examples/hugo-blog/hugo.toml \
  examples/hugo-blog/layouts \
  examples/hugo-blog/run \
  examples/hugo-blog/static \
  examples/hugo-blog/tools \
  examples/wasm/get.c

if WITH_MHD
check_PROGRAMS += examples/hello/hello
examples_hello_hello_SOURCES = examples/hello/hello.c
examples_hello_hello_LDADD = libedgestatic_mhd.la libedgestatic.la

check_PROGRAMS += examples/sitemap/sitemap
examples_sitemap_sitemap_SOURCES = examples/sitemap/sitemap.c
examples_sitemap_sitemap_LDADD = libedgestatic_mhd.la libedgestatic.la

if WITH_CLI
check_PROGRAMS += examples/app/app
examples_app_app_SOURCES = examples/app/app.c
nodist_examples_app_app_SOURCES = examples/app/site.c
examples_app_app_CFLAGS = $(AM_CFLAGS) $(MHD_CFLAGS)
examples_app_app_LDADD = libedgestatic_mhd.la libedgestatic.la $(MHD_LIBS)

# The folder becomes a pack, the pack a C file.
examples/app/site.c: edgestatic$(EXEEXT) \
    $(top_srcdir)/examples/app/site/404.html \
    $(top_srcdir)/examples/app/site/index.html \
    $(top_srcdir)/examples/app/site/style.css \
    $(top_srcdir)/examples/app/site/visits.js
	$(AM_V_GEN)$(MKDIR_P) examples/app && \
	./edgestatic$(EXEEXT) build $(top_srcdir)/examples/app/site \
	  -o examples/app/site.edgepack --no-cache && \
	./edgestatic$(EXEEXT) embed examples/app/site.edgepack --symbol site \
	  -o $@
CLEANFILES += examples/app/site.c examples/app/site.edgepack
endif
endif

if HAVE_EVENT
check_PROGRAMS += examples/transport/evhttp
examples_transport_evhttp_SOURCES = examples/transport/evhttp.c
examples_transport_evhttp_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
examples_transport_evhttp_LDADD = libedgestatic.la $(EVENT_LIBS)
endif
