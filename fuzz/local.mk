# Fuzzers of the core and of what makes sites of guests, by clang's libFuzzer.  `make fuzz' builds them and runs
# each for FUZZ_SECONDS; new inputs are kept in fuzz/*.corpus.
EXTRA_DIST += \
  %D%/fuzz_bundle.c \
  %D%/fuzz_pack.c \
  %D%/fuzz_request.c \
  %D%/request.dict

CLANG = clang
FUZZ_SECONDS = 60
FUZZ_CFLAGS = -std=c11 -g -O1 \
  -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined

# What all of them are linked with, besides the core.
fuzz_bundled = $(addprefix $(top_srcdir)/,$(filter %.c,$(libbundle_la_SOURCES)))

.PHONY: fuzz
fuzz:
	$(MKDIR_P) %D%/bundle.corpus %D%/pack.corpus %D%/request.corpus
	for name in bundle pack request; do \
	  $(CLANG) $(FUZZ_CFLAGS) $(AM_CPPFLAGS) -I$(top_srcdir) \
	    $(XXHASH_CFLAGS) -o %D%/fuzz_$$name \
	    $(top_srcdir)/%D%/fuzz_$$name.c \
	    $(top_srcdir)/libedgestatic/core/*.c \
	    $(fuzz_bundled) || exit 1; \
	done
	cd %D% && ./fuzz_pack -max_total_time=$(FUZZ_SECONDS) -max_len=512 \
	  pack.corpus
	cd %D% && ./fuzz_bundle -max_total_time=$(FUZZ_SECONDS) -max_len=512 \
	  bundle.corpus
	cd %D% && ./fuzz_request -max_total_time=$(FUZZ_SECONDS) \
	  -dict=$(abs_top_srcdir)/%D%/request.dict request.corpus

clean-local: clean-fuzz
clean-fuzz:
	-rm -rf %D%/fuzz_bundle %D%/fuzz_pack %D%/fuzz_request %D%/*.corpus
