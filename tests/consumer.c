/* A program outside the tree: builds a pack, serves it, asks the core.
 *
 * tests/install compiles it as C99 and as C++17 by pkg-config alone.  Prints
 * the answer to GET /.  SPDX-License-Identifier: MIT
 */
#include <edgestatic.h>
#include <edgestatic_mhd.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  const edgestatic_slice path = EDGESTATIC_LITERAL("index.html");
  const edgestatic_slice get = EDGESTATIC_LITERAL("GET");
  const edgestatic_slice root = EDGESTATIC_LITERAL("/");
  edgestatic_builder_options how = EDGESTATIC_BUILDER_OPTIONS_INIT;
  edgestatic_mhd_daemon_options where = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  edgestatic_builder *builder;
  edgestatic_pack *pack;
  edgestatic_live *live;
  edgestatic_mhd_daemon *daemon;
  edgestatic_request request;
  edgestatic_response response;
  int error;

  if ((error = edgestatic_builder_new(&builder, &how)) ||
      (error = edgestatic_builder_add(builder, path, "hi\n", 3, NULL)) ||
      (error = edgestatic_builder_finish(builder, &pack)) ||
      (error = edgestatic_live_new(&live, pack)) ||
      (error = edgestatic_mhd_start(&daemon, live, &where))) {
    puts(edgestatic_mhd_strerror(error));
    return 1;
  }
  memset(&request, 0, sizeof request);
  request.method = get;
  request.target = root;
  edgestatic_respond(edgestatic_pack_store(pack), &request, &response);
  printf("%d %s\n", (int)response.status, edgestatic_reason(response.status));

  edgestatic_mhd_stop(daemon, 0);
  edgestatic_live_free(live);
  edgestatic_pack_unref(pack);
  edgestatic_builder_free(builder);
  return 0;
}
