# The Wasm guests: prebuilt modules that `edgestatic publish` makes sites of.
#
# A guest NAME is adapters/guest/NAME.c (with "_" for "-"): add guests/NAME.wasm
# to guest_modules, and the file to guest_sources.  It is linked with the core
# and guest_shared.  The modules are part of the release archive, so that who
# has no clang for wasm32 gets them too.
guestdir = $(libdir)/edgestatic
guest_modules = \
  guests/cgi.wasm \
  guests/fastly.wasm \
  guests/wasi-http.wasm \
  guests/wasi-http-p3.wasm \
  guests/workers.wasm
guest_sources = \
  %D%/cgi.c \
  %D%/fastly.c \
  %D%/wasi_http.c \
  %D%/wasi_http_p3.c \
  %D%/workers.c
guest_shared = \
  %D%/body.c \
  %D%/cgi_request.c \
  %D%/mem.c \
  %D%/refuse.c \
  %D%/request.c \
  %D%/slot.c
# The guests that are components: the module of one is put into its shell.
guest_components = \
  guests/obj/wasi-http.wasm \
  guests/obj/wasi-http-p3.wasm
guest_wasi = \
  %D%/wasi.c \
  %D%/wasi_memory.c
guest_shells = \
  %D%/wit/wasi-http.shell \
  %D%/wit/wasi-http-p3.shell
guest_headers = \
  %D%/cgi.h \
  %D%/guest.h \
  %D%/include/assert.h \
  %D%/include/stdlib.h \
  %D%/include/string.h \
  %D%/wasi.h \
  %D%/wasi_http.h
EXTRA_DIST += \
  $(guest_headers) \
  $(guest_shared) \
  $(guest_shells) \
  $(guest_sources) \
  $(guest_wasi) \
  %D%/stamp.c \
  %D%/wit/wasi-http.wit \
  %D%/wit/wasi-http-p3.wit \
  %D%/wrap.c \
  tools/gen-shell.py

if WITH_GUESTS
dist_guest_DATA = $(guest_modules)
endif

.PHONY: guests prebuilt-guests
guests: $(guest_modules)

# xxhash.h stands among the headers of the host's C library.
guests/include/xxhash.h:
	$(AM_V_GEN)$(MKDIR_P) guests/include && \
	cp $(XXHASH_INCLUDEDIR)/xxh*.h guests/include
if WASM_HOST
$(libcore_la_OBJECTS): guests/include/xxhash.h
endif

if BUILD_GUESTS
# Two features beyond the first version of WebAssembly, named so that every
# clang emits the same ones; all hosts have them.  -Oz rather than -O2: platforms
# count bytes, and of what a host takes for a request the guest is a hundredth.
guest_cc_flags = --target=wasm32 -mcpu=mvp -mbulk-memory -msign-ext -std=c11 \
  -Oz -fvisibility=hidden -nostdlibinc -Wall -Wextra -Wshorten-64-to-32 \
  $(GUEST_WERROR)
guest_cpp_flags = -isystem $(srcdir)/%D%/include -isystem guests/include \
  -I$(top_srcdir)/include -I$(top_srcdir)/libedgestatic \
  -I$(top_srcdir)/adapters
# The stack comes first, so that an overflow traps rather than writes over
# data.  clang is not asked to link: it would run wasm-opt where there is one.
guest_ld_flags = --no-entry --stack-first -z stack-size=65536 --gc-sections \
  --strip-all --export-if-defined=edgestatic_slot

# The pack of a JavaScript host lies beside the module.
guest_leaves_out_workers = guests/obj/body.o guests/obj/request.o \
  guests/obj/slot.o

guest_linked = \
  $(subst -,_,$(patsubst guests/%,guests/obj/%,$(guest_modules)))
guest_objects = $(patsubst %D%/%.c,guests/obj/%.o,$(guest_shared))
guest_wasi_objects = $(patsubst %D%/%.c,guests/obj/%.o,$(guest_wasi))
guest_core_objects = \
  $(patsubst libedgestatic/core/%.c,guests/obj/core/%.o, \
    $(filter %.c,$(libcore_la_SOURCES)))
guest_depends = guests/obj/flags $(guest_headers) $(filter %.h,$(libcore_la_SOURCES)) \
  include/edgestatic.h guests/include/xxhash.h
guest_compile = $(AM_V_CC)$(MKDIR_P) $(@D) && \
  $(WASM_CC) $(guest_cc_flags) $(guest_cpp_flags) -c -o $@ $<

# What the guests are compiled and linked by, written anew only when it is
# another: then all of them are old.
guests/obj/flags: FORCE
	@$(MKDIR_P) $(@D) && \
	echo '$(WASM_CC) $(guest_cc_flags) $(guest_cpp_flags)' \
	  '$(WASM_LD) $(guest_ld_flags)' >$@.new && \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
FORCE:

$(guest_linked:.wasm=.o) $(guest_objects) $(guest_wasi_objects): guests/obj/%.o: %D%/%.c \
    $(guest_depends)
	$(guest_compile)

$(guest_core_objects): guests/obj/core/%.o: libedgestatic/core/%.c \
    $(guest_depends)
	$(guest_compile)

# guest_leaves_out_NAME: what a guest does without of what all share.
$(guest_linked): guests/obj/%.wasm: guests/obj/%.o $(guest_objects) \
    $(guest_core_objects)
	$(AM_V_CCLD)$(WASM_LD) $(guest_ld_flags) -o $@ \
	  $(filter-out $(guest_leaves_out_$*),$^)

$(subst -,_,$(guest_components)): $(guest_wasi_objects)

guest_wrap_sources = %D%/wrap.c cli/publish/wasm.c
guests/wrap$(EXEEXT): $(guest_wrap_sources) cli/publish/wasm.h
	$(AM_V_CC)$(MKDIR_P) guests && \
	$(CC_FOR_BUILD) -std=c11 $(CFLAGS_FOR_BUILD) -I$(top_srcdir)/cli -o $@ \
	  $(addprefix $(top_srcdir)/,$(guest_wrap_sources))

# A failed one leaves no file that make would take for done.
guests/obj/wasi-http.wasm: guests/obj/wasi_http.wasm
guests/obj/wasi-http-p3.wasm: guests/obj/wasi_http_p3.wasm
$(guest_components): guests/obj/%.wasm: %D%/wit/%.shell guests/wrap$(EXEEXT)
	$(AM_V_GEN)guests/wrap$(EXEEXT) $(srcdir)/%D%/wit/$*.shell \
	  guests/obj/$(subst -,_,$*).wasm $@.new && mv $@.new $@

# What marks a guest is what publishing reads the mark by.
guest_stamp_sources = %D%/stamp.c cli/publish/mark.c cli/publish/wasm.c
guests/stamp$(EXEEXT): $(guest_stamp_sources) cli/publish/mark.h \
    cli/publish/refusal.h cli/publish/wasm.h
	$(AM_V_CC)$(MKDIR_P) guests && \
	$(CC_FOR_BUILD) -std=c11 $(CFLAGS_FOR_BUILD) -I$(top_srcdir)/cli \
	  $(XXHASH_CFLAGS) -o $@ \
	  $(addprefix $(top_srcdir)/,$(guest_stamp_sources))

guests/%.wasm: guests/obj/%.wasm guests/stamp$(EXEEXT)
	$(AM_V_GEN)guests/stamp$(EXEEXT) $* guests/obj/$*.wasm $@
else
guests/%.wasm:
	@echo 'the guests need a clang and a wasm-ld for wasm32; on Debian:' \
	  'apt-get install clang lld, then ./configure again' >&2; exit 1
if WITH_GUESTS
# Those of the archive, in the folder where the build looks for all of them.
all-local: prebuilt-guests
prebuilt-guests:
	test $(srcdir) = . || { $(MKDIR_P) guests && \
	  for module in $(guest_modules); do \
	    cmp -s $(srcdir)/$$module $$module || \
	      $(INSTALL_DATA) $(srcdir)/$$module $$module || exit 1; \
	  done; }
endif
endif

# In the source tree the modules may be those of the archive.
clean-local: clean-guests
.PHONY: clean-guests
clean-guests:
	rm -rf guests/obj guests/include guests/stamp$(EXEEXT) guests/wrap$(EXEEXT)
	test $(srcdir) = . || rm -rf guests
maintainer-clean-local:
	rm -rf guests
