# What runs a pack in JavaScript, installed beside the guests: publishing
# copies it.  Beside edgestatic.mjs, workers.wasm and site.edgepack:
#   Cloudflare Workers   worker.mjs
#   Node                 server.mjs
#   Lambda@Edge          lambda-edge.mjs
#   a browser            service-worker.mjs
# and for who writes a host of his own in TypeScript, edgestatic.d.mts.
guest_scripts = \
  %D%/edgestatic.d.mts \
  %D%/edgestatic.mjs \
  %D%/lambda-edge.mjs \
  %D%/server.mjs \
  %D%/service-worker.mjs \
  %D%/worker.mjs

# One folder has all, in the build tree as where it is installed.
guest_script_copies = $(guest_scripts:%D%/%=guests/%)
if WITH_GUESTS
dist_guest_DATA += $(guest_scripts)
noinst_DATA = $(guest_script_copies)
endif
CLEANFILES += $(guest_script_copies)
guests: $(guest_script_copies)
$(guest_script_copies): guests/%: %D%/%
	$(AM_V_GEN)$(MKDIR_P) guests && cp $< $@
