# Fuzzers of the core, of the rule files, of what is read in pages, of what a
# site store says of itself and of what makes sites of guests, by clang's
# libFuzzer.  `make fuzz' builds them and runs each for FUZZ_SECONDS; new inputs are kept in fuzz/*.corpus.
EXTRA_DIST += \
  %D%/fuzz_bundle.c \
  %D%/fuzz_html.c \
  %D%/fuzz_pack.c \
  %D%/fuzz_request.c \
  %D%/fuzz_rules.c \
  %D%/fuzz_state.c \
  %D%/html.dict \
  %D%/policypack.h \
  %D%/request.dict \
  %D%/rules.dict \
  %D%/site/404.html \
  %D%/site/_headers \
  %D%/site/_redirects \
  %D%/site/a.css \
  %D%/site/a.woff2 \
  %D%/site/data.json \
  %D%/site/docs/index.html \
  %D%/site/gone.html \
  %D%/site/index.html \
  %D%/state.begin \
  %D%/state.dict

CLANG = clang
FUZZ_SECONDS = 60
FUZZ_CFLAGS = -std=c11 -g -O1 \
  -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined

# What all of them are linked with, besides the core.
fuzz_bundled = $(addprefix $(top_srcdir)/,$(filter %.c,$(libbundle_la_SOURCES)))

# What fuzz_rules needs of the builder.
FUZZ_RULES = headers_apply headers_file layout layout_finish mem \
  redirects_cloudflare \
  redirects_file redirects_netlify redirects_number redirects_pack rulefile \
  rulepath strings utf8

# And fuzz_html.
FUZZ_HTML = csp html htmlmem mem pagelink preload report sri urls utf8

# What fuzz_state needs besides the core.
FUZZ_STATE = build/mem build/utf8 site/state

# Packs with all that rules and policy can put into one, for policypack.h.
FUZZ_POLICY = --quiet --fast --no-cache --lenient --security-headers \
  --cross-origin-isolation --noindex --cache-tags surrogate-key \
  --cors '*.woff2=*' --cors '*.json=https://a.example,https://b.example' \
  --cdn-cache-rule '*.css=max-age=9'

# They are built by the command.
.PHONY: fuzz
fuzz: $(bin_PROGRAMS)
	$(MKDIR_P) %D%
	for dialect in netlify cloudflare; do \
	  ./edgestatic$(EXEEXT) build $(top_srcdir)/%D%/site \
	    -o %D%/$$dialect.edgepack --dialect $$dialect $(FUZZ_POLICY) || exit 1; \
	done
	$(MKDIR_P) %D%/bundle.corpus %D%/pack.corpus %D%/request.corpus
	for name in bundle pack request; do \
	  $(CLANG) $(FUZZ_CFLAGS) $(AM_CPPFLAGS) -I$(top_srcdir) \
	    $(XXHASH_CFLAGS) -o %D%/fuzz_$$name \
	    $(top_srcdir)/%D%/fuzz_$$name.c \
	    $(top_srcdir)/libedgestatic/core/*.c \
	    $(fuzz_bundled) || exit 1; \
	done
	$(MKDIR_P) %D%/rules.corpus
	$(CLANG) $(FUZZ_CFLAGS) $(AM_CPPFLAGS) -I$(top_srcdir) \
	  $(XXHASH_CFLAGS) -o %D%/fuzz_rules $(top_srcdir)/%D%/fuzz_rules.c \
	  $(top_srcdir)/libedgestatic/core/*.c \
	  $(FUZZ_RULES:%=$(top_srcdir)/libedgestatic/build/%.c) $(XXHASH_LIBS)
	cd %D% && ./fuzz_pack -max_total_time=$(FUZZ_SECONDS) -max_len=512 \
	  -len_control=0 pack.corpus
	cd %D% && ./fuzz_bundle -max_total_time=$(FUZZ_SECONDS) -max_len=512 \
	  bundle.corpus
	cd %D% && ./fuzz_request -max_total_time=$(FUZZ_SECONDS) \
	  -dict=$(abs_top_srcdir)/%D%/request.dict request.corpus
	cd %D% && ./fuzz_rules -max_total_time=$(FUZZ_SECONDS) -max_len=1024 \
	  -dict=$(abs_top_srcdir)/%D%/rules.dict rules.corpus
	$(MKDIR_P) %D%/state.corpus
	cp $(top_srcdir)/%D%/state.begin %D%/state.corpus/begin
	$(CLANG) $(FUZZ_CFLAGS) $(AM_CPPFLAGS) -I$(top_srcdir) \
	  $(XXHASH_CFLAGS) -o %D%/fuzz_state $(top_srcdir)/%D%/fuzz_state.c \
	  $(top_srcdir)/libedgestatic/core/*.c \
	  $(FUZZ_STATE:%=$(top_srcdir)/libedgestatic/%.c) $(XXHASH_LIBS)
	cd %D% && ./fuzz_state -max_total_time=$(FUZZ_SECONDS) -max_len=2048 \
	  -dict=$(abs_top_srcdir)/%D%/state.dict state.corpus
if WITH_HTML
	$(MKDIR_P) %D%/html.corpus
	$(CLANG) $(FUZZ_CFLAGS) $(AM_CPPFLAGS) -I$(top_srcdir) \
	  $(XXHASH_CFLAGS) $(GUMBO_CFLAGS) $(NETTLE_CFLAGS) \
	  -o %D%/fuzz_html $(top_srcdir)/%D%/fuzz_html.c \
	  $(top_srcdir)/libedgestatic/core/*.c \
	  $(FUZZ_HTML:%=$(top_srcdir)/libedgestatic/build/%.c) \
	  $(XXHASH_LIBS) $(GUMBO_LIBS) $(NETTLE_LIBS)
	cd %D% && ./fuzz_html -max_total_time=$(FUZZ_SECONDS) -max_len=2048 \
	  -dict=$(abs_top_srcdir)/%D%/html.dict html.corpus
endif

clean-local: clean-fuzz
clean-fuzz:
	-rm -rf %D%/fuzz_bundle %D%/fuzz_html %D%/fuzz_pack %D%/fuzz_request \
	  %D%/fuzz_rules %D%/fuzz_state %D%/*.corpus %D%/*.edgepack
