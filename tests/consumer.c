/* A program outside the tree: builds a pack, asks the core, serves it.
 *
 * tests/install compiles it by pkg-config alone, as C99 and as C++17, with and
 * without the adapter.  Prints the answer to GET /.
 * SPDX-License-Identifier: MIT
 */
#include <edgestatic.h>
#include <stdio.h>
#include <string.h>
#ifdef WITH_MHD
#include <edgestatic_mhd.h>

static int serve(edgestatic_pack *pack) {
  edgestatic_mhd_daemon_options where = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  edgestatic_live *live;
  edgestatic_mhd_daemon *daemon;
  int error;

  if ((error = edgestatic_live_new(&live, pack)))
    return error;
  if ((error = edgestatic_mhd_start(&daemon, live, &where)) == 0) {
    printf("port %s\n", edgestatic_mhd_port(daemon) > 0 ? "open" : "missing");
    edgestatic_mhd_stop(daemon, 0);
  }
  edgestatic_live_free(live);
  return error;
}
#else
static int serve(edgestatic_pack *pack) {
  (void)pack;
  return 0;
}
#endif

int main(void) {
  const edgestatic_slice path = EDGESTATIC_LITERAL("index.html");
  const edgestatic_slice get = EDGESTATIC_LITERAL("GET");
  const edgestatic_slice root = EDGESTATIC_LITERAL("/");
  edgestatic_builder_options how = EDGESTATIC_BUILDER_OPTIONS_INIT;
  edgestatic_builder *builder;
  edgestatic_pack *pack;
  edgestatic_request request;
  edgestatic_response response;
  int error;

  if ((error = edgestatic_builder_new(&builder, &how)) ||
      (error = edgestatic_builder_add(builder, path, "hi\n", 3, NULL)) ||
      (error = edgestatic_builder_finish(builder, &pack)) ||
      (error = serve(pack))) {
    printf("error %d\n", error);
    return 1;
  }
  memset(&request, 0, sizeof request);
  request.method = get;
  request.target = root;
  edgestatic_respond(edgestatic_pack_store(pack), &request, &response);
  printf("%d %s\n", (int)response.status, edgestatic_reason(response.status));

  edgestatic_pack_unref(pack);
  edgestatic_builder_free(builder);
  return 0;
}
