/* sitemap: an app that replaces one file of its site every few seconds.
 *
 * Serves a pack, but for sitemap.xml: that is written anew from the pages
 * that the pack has, and put over the pack that is served now.  Nothing else
 * is read or compressed again, and requests that run keep the pack that they
 * began with.
 *
 *   sitemap PACK [PORT [MILLISECONDS]]      (8080 and 5000 without them)
 *
 * Ends when Enter is pressed.  SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L /* open_memstream, poll */
#include <edgestatic.h>
#include <edgestatic_mhd.h>
#include <edgestatic_site.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char page[] = "text/html";

/* A path in a URL, and safe in XML: all but unreserved characters and slashes
 * percent-encoded. */
static void write_path(FILE *out, edgestatic_slice path) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789/-._~"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (size_t i = 0; i < path.len; i++)
    if (memchr(plain, path.base[i], sizeof plain - 1))
      putc(path.base[i], out);
    else
      fprintf(out, "%%%02X", (unsigned char)path.base[i]);
}

/* The sitemap of a pack's pages, in a block that the caller frees. */
static char *make_sitemap(const edgestatic_store *store, unsigned edition,
                          size_t *len) {
  char *text = NULL;
  FILE *out = open_memstream(&text, len);
  if (!out)
    return NULL;
  fprintf(out,
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<!-- edition %u -->\n"
          "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
          edition);
  for (uint32_t i = 0; i < edgestatic_store_asset_count(store); i++) {
    edgestatic_asset asset = edgestatic_store_asset(store, i);
    if (asset.flags || strncmp(asset.type.base, page, sizeof page - 1) != 0)
      continue;
    fputs("  <url><loc>https://www.example.com", out);
    write_path(out, asset.path);
    fputs("</loc></url>\n", out);
  }
  fprintf(out, "</urlset>\n<!-- edition %u -->\n", edition);
  if (fclose(out) == 0)
    return text;
  free(text);
  return NULL;
}

/* The next pack: the current one with another sitemap.  The caller owns it. */
static int derive(edgestatic_pack *current, unsigned edition,
                  edgestatic_pack **next) {
  const edgestatic_slice path = EDGESTATIC_LITERAL("sitemap.xml");
  edgestatic_asset_options options = EDGESTATIC_ASSET_OPTIONS_INIT;
  edgestatic_builder *builder;
  size_t len;
  int error = edgestatic_builder_new(&builder, NULL);
  if (error)
    return error;
  options.mtime = (int64_t)time(NULL);
  char *text = make_sitemap(edgestatic_pack_store(current), edition, &len);
  error = text ? edgestatic_builder_add_pack(builder, current, options.mtime)
               : EDGESTATIC_ERR_MEMORY;
  if (!error)
    error = edgestatic_builder_add(builder, path, text, len, &options);
  if (!error)
    error = edgestatic_builder_finish(builder, next);
  edgestatic_builder_free(builder);
  free(text);
  return error;
}

/* Swaps packs until a line comes in, or the input ends. */
static int run(edgestatic_live *live, int pause) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  for (unsigned edition = 2; poll(&input, 1, pause) == 0; edition++) {
    edgestatic_pack *current = edgestatic_live_acquire(live), *next;
    int error = derive(current, edition, &next);
    edgestatic_pack_unref(current);
    if (error)
      return error; /* a long-lived app would go on with what it serves */
    edgestatic_live_swap(live, next);
    edgestatic_pack_unref(next);
  }
  return EDGESTATIC_OK;
}

int main(int argc, char **argv) {
  edgestatic_mhd_daemon_options options = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  edgestatic_mhd_daemon *daemon;
  edgestatic_live *live;
  edgestatic_pack *pack, *first;
  int pause = argc > 3 ? atoi(argv[3]) : 5000;

  if (argc < 2) {
    fputs("usage: sitemap PACK [PORT [MILLISECONDS]]\n", stderr);
    return 2;
  }
  options.port = (uint16_t)(argc > 2 ? atoi(argv[2]) : 8080);
  int error = edgestatic_pack_open(&pack, argv[1]);
  if (error || (error = derive(pack, 1, &first)) ||
      (error = edgestatic_live_new(&live, first)) ||
      (error = edgestatic_mhd_start(&daemon, live, &options))) {
    fprintf(stderr, "sitemap: %s\n", edgestatic_mhd_strerror(error));
    return 1;
  }
  edgestatic_pack_unref(pack);
  edgestatic_pack_unref(first); /* the live has a reference of its own */
  printf("http://127.0.0.1:%d/sitemap.xml until Enter\n",
         edgestatic_mhd_port(daemon));
  fflush(stdout);
  error = run(live, pause);
  if (error)
    fprintf(stderr, "sitemap: %s\n", edgestatic_strerror(error));
  edgestatic_mhd_stop(daemon, 1000);
  edgestatic_live_free(live);
  return error ? 1 : 0;
}
