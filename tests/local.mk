# Unit tests are programs of the Check framework, one for each module; they
# link the convenience libraries, so that hidden functions are testable.
EXTRA_DIST += \
  %D%/ask.h \
  %D%/forge.h \
  %D%/invariants.h \
  %D%/mkpack.h \
  %D%/sitestore.h \
  %D%/site.h \
  %D%/util.h

AM_TESTS_ENVIRONMENT = top_builddir='$(top_builddir)' NM='$(NM)' CC='$(CC)' \
  XXHASH_CFLAGS='$(XXHASH_CFLAGS)'; \
  export top_builddir NM CC XXHASH_CFLAGS;
dist_check_SCRIPTS += \
  %D%/core-imports.sh \
  %D%/core-wasm.sh
TESTS += \
  %D%/core-imports.sh \
  %D%/core-wasm.sh

if HAVE_CHECK
core_checks = \
  %D%/check_check \
  %D%/check_coding \
  %D%/check_cond \
  %D%/check_date \
  %D%/check_deltas \
  %D%/check_digest \
  %D%/check_etag \
  %D%/check_field \
  %D%/check_fingerprint \
  %D%/check_pack \
  %D%/check_range \
  %D%/check_represent \
  %D%/check_respond \
  %D%/check_route \
  %D%/check_structured \
  %D%/check_target
check_PROGRAMS += $(core_checks)
TESTS += $(core_checks)
%C%_check_check_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_check_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_coding_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_coding_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_cond_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_cond_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_date_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_date_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_deltas_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_deltas_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_digest_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_digest_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_etag_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_etag_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_field_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_field_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_fingerprint_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_fingerprint_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_pack_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_pack_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_range_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_range_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_represent_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_represent_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_respond_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_respond_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_route_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_route_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_structured_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_structured_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_target_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_target_LDADD = libcore.la $(CHECK_LIBS)
endif

# The input side of the builder.
EXTRA_DIST += \
  %D%/ignore_table.h \
  %D%/memtest.h \
  %D%/messages.h \
  %D%/tempdir.h

if HAVE_CHECK
input_checks = \
  %D%/check_cachetags \
  %D%/check_directives \
  %D%/check_glob \
  %D%/check_handle \
  %D%/check_ignore \
  %D%/check_mem \
  %D%/check_mime \
  %D%/check_origins \
  %D%/check_policy \
  %D%/check_policy_fields \
  %D%/check_readfile \
  %D%/check_scan \
  %D%/check_urls
check_PROGRAMS += $(input_checks)
TESTS += $(input_checks)
%C%_check_glob_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_glob_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_handle_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_handle_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_ignore_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_ignore_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_mem_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_mem_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_mime_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_mime_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_policy_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_policy_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_cachetags_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_cachetags_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_origins_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_origins_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_policy_fields_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_policy_fields_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_directives_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_directives_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_readfile_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_readfile_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_scan_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_scan_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_urls_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_urls_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
# Fails malloc on demand.
%C%_check_handle_LDFLAGS = -Wl,--wrap=malloc
endif

# The libmicrohttpd adapter.
EXTRA_DIST += %D%/mhdtest.h

if WITH_MHD
if HAVE_CHECK
mhd_checks = \
  %D%/check_gate \
  %D%/check_mhd \
  %D%/check_mhd_cache \
  %D%/check_mhd_choose \
  %D%/check_mhd_derive \
  %D%/check_mhd_life \
  %D%/check_mhd_site \
  %D%/check_mhd_store
check_PROGRAMS += $(mhd_checks)
TESTS += $(mhd_checks)
%C%_check_gate_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_gate_LDADD = libmhd.la libedgestatic.la $(MHD_LIBS) $(CHECK_LIBS)
%C%_check_mhd_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_mhd_LDADD = libmhd.la libbuild.la libcore.la $(MHD_LIBS) $(CHECK_LIBS)
%C%_check_mhd_cache_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(MHD_CFLAGS)
%C%_check_mhd_cache_LDADD = libmhd.la libedgestatic.la $(MHD_LIBS) $(CHECK_LIBS)
%C%_check_mhd_choose_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_mhd_choose_LDADD = libedgestatic_mhd.la libedgestatic.la \
  $(CHECK_LIBS)
%C%_check_mhd_derive_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_mhd_derive_LDADD = libmhd.la libbuild.la libcore.la $(MHD_LIBS) \
  $(CHECK_LIBS)
%C%_check_mhd_life_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_mhd_life_LDADD = libedgestatic_mhd.la libedgestatic.la $(CHECK_LIBS)
%C%_check_mhd_site_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(MHD_CFLAGS)
%C%_check_mhd_site_LDADD = libedgestatic_mhd.la libedgestatic.la $(MHD_LIBS) \
  $(CHECK_LIBS)
%C%_check_mhd_store_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_mhd_store_LDADD = libmhd.la libedgestatic.la $(MHD_LIBS) \
  $(CHECK_LIBS)
endif
endif

# The output side of the builder.
EXTRA_DIST += \
  %D%/byrule.h \
  %D%/carrying.h \
  %D%/deltas.h \
  %D%/packing.h \
  %D%/samples.h \
  %D%/site_rules_table.h

if HAVE_CHECK
output_checks = \
  %D%/check_blobs \
  %D%/check_builder \
  %D%/check_cache \
  %D%/check_carry \
  %D%/check_carry_earlier \
  %D%/check_carry_forged \
  %D%/check_site \
  %D%/check_site_deltas \
  %D%/check_site_kill \
  %D%/check_site_trust \
  %D%/check_build_deltas \
  %D%/check_build_digest \
  %D%/check_delta \
  %D%/check_encode \
  %D%/check_evidence \
  %D%/check_fieldlist \
  %D%/check_fields \
  %D%/check_gather \
  %D%/check_io \
  %D%/check_layout \
  %D%/check_pack_deltas \
  %D%/check_pool \
  %D%/check_sitedict \
  %D%/check_sitedict_use \
  %D%/check_by_rule \
  %D%/check_cors \
  %D%/check_headers_forged \
  %D%/check_rulebook \
  %D%/check_rules_random \
  %D%/check_site_rules \
  %D%/check_useas \
  %D%/check_versions \
  %D%/check_write
check_PROGRAMS += $(output_checks)
TESTS += $(output_checks)
%C%_check_blobs_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_blobs_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_cache_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_cache_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_site_deltas_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_site_deltas_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_site_kill_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_site_kill_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_site_trust_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_site_trust_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_site_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_site_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_build_deltas_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_build_deltas_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_build_digest_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_build_digest_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_carry_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_carry_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_carry_earlier_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_carry_earlier_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_carry_forged_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_carry_forged_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_delta_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_delta_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_encode_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_encode_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_evidence_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_evidence_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_fieldlist_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_fieldlist_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_fields_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_fields_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_gather_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_gather_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_io_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_io_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_layout_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_layout_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_pack_deltas_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_pack_deltas_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_pool_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_pool_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_sitedict_use_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_sitedict_use_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_sitedict_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_sitedict_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_by_rule_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_by_rule_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_headers_forged_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_headers_forged_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_cors_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_cors_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_rules_random_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_rules_random_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_rulebook_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_rulebook_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_site_rules_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_site_rules_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_builder_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_builder_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_useas_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_useas_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_versions_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_versions_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_write_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_write_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
# System calls that fail, no memory, no threads: on demand.
%C%_check_io_LDFLAGS = -Wl,--wrap=memfd_create -Wl,--wrap=openat \
  -Wl,--wrap=pread -Wl,--wrap=pwrite -Wl,--wrap=fsync -Wl,--wrap=renameat
%C%_check_site_trust_LDFLAGS = -Wl,--wrap=close
%C%_check_encode_LDFLAGS = -Wl,--wrap=malloc
%C%_check_pool_LDFLAGS = -Wl,--wrap=pthread_create
endif

# What tests/run needs besides `make check`.
EXTRA_DIST += \
  .clang-format \
  CONTRIBUTING.md \
  bench/dictionary \
  bench/dictionary_client.py \
  bench/dictionary_sites.py \
  bench/edge \
  bench/edge_load.py \
  bench/edge_sites.py \
  bench/native \
  bench/plain_worker.mjs \
  %D%/browser/deltas \
  %D%/browser/driver.py \
  %D%/browser/run \
  %D%/chroot \
  %D%/conformance/peers \
  %D%/conformance/cases.json \
  %D%/conformance/http-lint \
  %D%/conformance/http_lint.py \
  %D%/conformance/known-0.9.75.txt \
  %D%/conformance/run \
  %D%/conformance/run_cases.py \
  %D%/consumer.c \
  %D%/count-check \
  %D%/coverage \
  %D%/examples \
  %D%/install \
  %D%/js/chromium.mjs \
  %D%/js/common.mjs \
  %D%/js/fixtures.mjs \
  %D%/js/lambda-edge.test.mjs \
  %D%/js/run \
  %D%/js/server.test.mjs \
  %D%/js/service-worker.test.mjs \
  %D%/js/shim.test.mjs \
  %D%/js/types.test.mjs \
  %D%/js/worker.test.mjs \
  %D%/lint \
  %D%/node-test \
  %D%/packages \
  %D%/parity/ask.py \
  %D%/parity/cgi.mjs \
  %D%/parity/cgi.py \
  %D%/parity/corpus.py \
  %D%/parity/hosts.py \
  %D%/parity/lambda-edge.mjs \
  %D%/parity/ruled.py \
  %D%/parity/rules.py \
  %D%/parity/run \
  %D%/parity/service-worker.mjs \
  %D%/parity/table.py \
  %D%/python-doc/run \
  %D%/readme-example \
  %D%/requirements.txt \
  %D%/run \
  %D%/serve.py \
  %D%/stage \
  %D%/tools \
  %D%/valgrind \
  %D%/venv \
  %D%/wasm-library

# What the core answers, for tests/parity.
check_PROGRAMS += %D%/parity/answers
%C%_parity_answers_LDADD = libedgestatic.la

# What the guests are made of, but for their hosts.
if HAVE_CHECK
guest_checks = \
  %D%/check_guest_body \
  %D%/check_guest_cgi \
  %D%/check_guest_mem \
  %D%/check_guest_request \
  %D%/check_guest_wasi
check_PROGRAMS += $(guest_checks)
TESTS += $(guest_checks)
guest_check_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/adapters
%C%_check_guest_body_SOURCES = %D%/check_guest_body.c adapters/guest/body.c
%C%_check_guest_body_CPPFLAGS = $(guest_check_cppflags)
%C%_check_guest_body_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_guest_body_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_guest_cgi_SOURCES = %D%/check_guest_cgi.c \
  adapters/guest/cgi_request.c adapters/guest/request.c
%C%_check_guest_cgi_CPPFLAGS = $(guest_check_cppflags)
%C%_check_guest_cgi_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_guest_cgi_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_guest_mem_CPPFLAGS = $(guest_check_cppflags)
%C%_check_guest_mem_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_guest_mem_LDADD = $(CHECK_LIBS)
%C%_check_guest_request_SOURCES = %D%/check_guest_request.c \
  adapters/guest/request.c
%C%_check_guest_request_CPPFLAGS = $(guest_check_cppflags)
%C%_check_guest_request_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_guest_request_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_guest_wasi_SOURCES = %D%/check_guest_wasi.c \
  adapters/guest/body.c adapters/guest/refuse.c adapters/guest/request.c
%C%_check_guest_wasi_CPPFLAGS = $(guest_check_cppflags)
%C%_check_guest_wasi_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_guest_wasi_LDADD = libcore.la $(CHECK_LIBS)
endif

# The guests in Node.
EXTRA_DIST += \
  %D%/guest/cgi.test.mjs \
  %D%/guest/fastly-host.mjs \
  %D%/guest/fastly.test.mjs \
  %D%/guest/hosts.test.mjs \
  %D%/guest/http.mjs \
  %D%/guest/modules.test.mjs \
  %D%/guest/run \
  %D%/guest/site.mjs \
  %D%/guest/wasi-http.test.mjs \
  %D%/guest/wasi.mjs \
  %D%/guest/wasi.py
if WITH_PUBLISH
dist_check_SCRIPTS += %D%/guest/check.sh
TESTS += %D%/guest/check.sh
else
EXTRA_DIST += %D%/guest/check.sh
endif

# The command.
if HAVE_CHECK
if WITH_CLI
cli_checks = \
  %D%/check_cli_choose \
  %D%/check_cli_decode \
  %D%/check_cli_text
check_PROGRAMS += $(cli_checks)
TESTS += $(cli_checks)
%C%_check_cli_choose_SOURCES = %D%/check_cli_choose.c cli/choose.c
%C%_check_cli_choose_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_cli_choose_LDADD = $(CHECK_LIBS)
%C%_check_cli_decode_SOURCES = %D%/check_cli_decode.c cli/decode.c
%C%_check_cli_decode_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) \
  $(BROTLI_CFLAGS) $(ZSTD_CFLAGS) $(DEFLATE_CFLAGS)
%C%_check_cli_decode_LDADD = $(CHECK_LIBS) $(BROTLI_LIBS) $(ZSTD_LIBS) \
  $(DEFLATE_LIBS)
%C%_check_cli_text_SOURCES = %D%/check_cli_text.c cli/duration.c \
  cli/listen.c cli/term.c
%C%_check_cli_text_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_cli_text_LDADD = $(CHECK_LIBS)
endif
endif

EXTRA_DIST += %D%/cli.py
if WITH_CLI
cli_scripts = \
  %D%/cli_args.py \
  %D%/cli_build.py \
  %D%/cli_pack.py \
  %D%/cli_serve.py \
  %D%/deltas.py \
  %D%/diff.py \
  %D%/digest.py \
  %D%/html.py \
  %D%/lint.py \
  %D%/policy.py \
  %D%/release.py \
  %D%/sitedict.py
dist_check_SCRIPTS += $(cli_scripts)
TESTS += $(cli_scripts)
endif

# The manual and the completions against the headers and the command.
dist_check_SCRIPTS += %D%/docs.sh
TESTS += %D%/docs.sh

# Sites made of guests and packs.
EXTRA_DIST += \
  %D%/bundle/run \
  %D%/bundle/site.test.mjs \
  %D%/bundling.h \
  %D%/wasmguest.h

if WITH_CLI
if HAVE_CHECK
bundle_checks = \
  %D%/check_bundle \
  %D%/check_bundle_refused \
  %D%/check_guestfile \
  %D%/check_wasm
check_PROGRAMS += $(bundle_checks)
TESTS += $(bundle_checks)
%C%_check_bundle_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_bundle_LDADD = libbundle.la libedgestatic.la $(CHECK_LIBS)
%C%_check_bundle_refused_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_bundle_refused_LDADD = libbundle.la libedgestatic.la $(CHECK_LIBS)
%C%_check_guestfile_SOURCES = %D%/check_guestfile.c cli/publish/guestfile.c
%C%_check_guestfile_CPPFLAGS = $(edgestatic_CPPFLAGS)
%C%_check_guestfile_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_guestfile_LDADD = libbundle.la libedgestatic.la $(CHECK_LIBS)
%C%_check_wasm_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_wasm_LDADD = libbundle.la $(CHECK_LIBS)
endif
endif

# Publishing.
EXTRA_DIST += %D%/publishing.py
if WITH_PUBLISH
publish_scripts = \
  %D%/publish.py \
  %D%/publish_refusals.py \
  %D%/publish_serve.py
dist_check_SCRIPTS += $(publish_scripts)
TESTS += $(publish_scripts)
endif
EXTRA_DIST += %D%/told.h
if HAVE_CHECK
if WITH_PUBLISH
publish_checks = \
  %D%/check_budget \
  %D%/check_oci \
  %D%/check_outdir \
  %D%/check_tarball
check_PROGRAMS += $(publish_checks)
TESTS += $(publish_checks)
publish_check_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)
%C%_check_budget_SOURCES = %D%/check_budget.c cli/json.c cli/term.c \
  cli/publish/budget.c cli/publish/fill.c cli/publish/limits.c \
  cli/publish/path.c cli/publish/pieces.c
%C%_check_budget_CPPFLAGS = $(publish_check_cppflags)
%C%_check_budget_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) \
  $(XXHASH_CFLAGS)
%C%_check_budget_LDADD = $(JANSSON_LIBS) $(CHECK_LIBS)
%C%_check_oci_SOURCES = %D%/check_oci.c cli/publish/oci.c \
  cli/publish/pieces.c cli/publish/tarball.c
%C%_check_oci_CPPFLAGS = $(publish_check_cppflags)
%C%_check_oci_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) \
  $(XXHASH_CFLAGS) $(ARCHIVE_CFLAGS) $(DEFLATE_CFLAGS) $(NETTLE_CFLAGS)
%C%_check_oci_LDADD = $(JANSSON_LIBS) $(ARCHIVE_LIBS) $(DEFLATE_LIBS) \
  $(NETTLE_LIBS) $(CHECK_LIBS)
%C%_check_outdir_SOURCES = %D%/check_outdir.c cli/publish/outcommit.c \
  cli/publish/outdir.c cli/publish/path.c cli/publish/pieces.c \
  cli/publish/record.c
%C%_check_outdir_CPPFLAGS = $(publish_check_cppflags)
%C%_check_outdir_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(XXHASH_CFLAGS)
%C%_check_outdir_LDADD = $(CHECK_LIBS)
%C%_check_tarball_SOURCES = %D%/check_tarball.c cli/publish/pieces.c \
  cli/publish/tarball.c
%C%_check_tarball_CPPFLAGS = $(publish_check_cppflags)
%C%_check_tarball_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(XXHASH_CFLAGS) \
  $(ARCHIVE_CFLAGS) $(DEFLATE_CFLAGS)
%C%_check_tarball_LDADD = $(ARCHIVE_LIBS) $(DEFLATE_LIBS) $(CHECK_LIBS)
endif
endif

# The rules of _redirects and _headers.
EXTRA_DIST += \
  %D%/lint_table.h \
  %D%/rules_table.h \
  %D%/rules_world.h

if HAVE_CHECK
rules_checks = \
  %D%/check_expand \
  %D%/check_headers_file \
  %D%/check_lint \
  %D%/check_pattern \
  %D%/check_redirects_file \
  %D%/check_rules \
  %D%/check_rules_table
check_PROGRAMS += $(rules_checks)
TESTS += $(rules_checks)
%C%_check_expand_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_expand_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_headers_file_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_headers_file_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_lint_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_lint_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_pattern_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_pattern_LDADD = libcore.la $(CHECK_LIBS)
%C%_check_redirects_file_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_redirects_file_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_rules_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_rules_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_rules_table_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_rules_table_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
endif

# Two packs, what is to be purged between them, and where memory is short.
if HAVE_CHECK
diff_checks = \
  %D%/check_cover \
  %D%/check_diff \
  %D%/check_nomem
check_PROGRAMS += $(diff_checks)
TESTS += $(diff_checks)
%C%_check_cover_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_cover_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_diff_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_diff_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_nomem_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_nomem_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_nomem_LDFLAGS = -Wl,--wrap=malloc -Wl,--wrap=realloc -Wl,--wrap=free
endif

# What docs/ tells to type, typed.
dist_check_SCRIPTS += %D%/docs-commands
TESTS += %D%/docs-commands

# What is learnt from pages.
if HAVE_CHECK
if WITH_HTML
html_checks = \
  %D%/check_csp \
  %D%/check_html \
  %D%/check_pagelink \
  %D%/check_pages \
  %D%/check_sri
check_PROGRAMS += $(html_checks)
TESTS += $(html_checks)
%C%_check_csp_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_csp_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_html_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_html_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_pagelink_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_pagelink_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_pages_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_pages_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_sri_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_sri_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
endif
endif
