# The example programs; `make check` builds them, tests/examples runs them.
EXTRA_DIST += \
  examples/app/site/404.html \
  examples/app/site/index.html \
  examples/app/site/style.css \
  examples/app/site/visits.js \
  examples/hugo-blog/run

if WITH_MHD
check_PROGRAMS += examples/hello/hello
examples_hello_hello_SOURCES = examples/hello/hello.c
examples_hello_hello_LDADD = libedgestatic_mhd.la libedgestatic.la
endif

if HAVE_EVENT
check_PROGRAMS += examples/transport/evhttp
examples_transport_evhttp_SOURCES = examples/transport/evhttp.c
examples_transport_evhttp_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
examples_transport_evhttp_LDADD = libedgestatic.la $(EVENT_LIBS)
endif
