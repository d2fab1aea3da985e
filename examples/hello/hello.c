/* hello: a site that never touches a disk, in one small program.
 *
 * Packs two assets from memory and serves them on the port given as argument
 * (8080 without one) until Enter is pressed.  SPDX-License-Identifier: MIT
 */
#include <edgestatic.h>
#include <edgestatic_mhd.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
  edgestatic_slice path, content;
} site[] = {
    {EDGESTATIC_LITERAL("index.html"),
     EDGESTATIC_LITERAL("<!doctype html><meta charset=utf-8><title>hello"
                        "</title><link rel=stylesheet href=/style.css>"
                        "<h1>Hello, packed world</h1>\n")},
    {EDGESTATIC_LITERAL("style.css"),
     EDGESTATIC_LITERAL("h1 { font: 3em serif; text-align: center }\n")},
};

int main(int argc, char **argv) {
  edgestatic_mhd_daemon_options options = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  edgestatic_builder *builder;
  edgestatic_pack *pack;
  edgestatic_live *live;
  edgestatic_mhd_daemon *daemon;
  int error = edgestatic_builder_new(&builder, NULL);

  for (size_t i = 0; !error && i < sizeof site / sizeof site[0]; i++)
    error = edgestatic_builder_add(builder, site[i].path, site[i].content.base,
                                   site[i].content.len, NULL);
  options.port = (uint16_t)(argc > 1 ? atoi(argv[1]) : 8080);
  if (error || (error = edgestatic_builder_finish(builder, &pack)) ||
      (error = edgestatic_live_new(&live, pack)) ||
      (error = edgestatic_mhd_start(&daemon, live, &options))) {
    fprintf(stderr, "hello: %s\n", edgestatic_mhd_strerror(error));
    return 1;
  }
  printf("http://127.0.0.1:%d/ until Enter\n", edgestatic_mhd_port(daemon));
  fflush(stdout);
  getchar();

  edgestatic_mhd_stop(daemon, 1000);
  edgestatic_live_free(live);
  edgestatic_pack_unref(pack);
  edgestatic_builder_free(builder);
  return 0;
}
