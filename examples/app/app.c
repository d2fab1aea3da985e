/* app: an API and its front end in one binary.
 *
 * The front end is a folder, packed by `edgestatic build` and compiled in by
 * `edgestatic embed`.  The daemon is the app's own: what the pack does not
 * have and begins with /api/ is the app's to answer, everything else the
 * site's.  Serves on the port given as argument (8080 without one) until
 * Enter is pressed.  SPDX-License-Identifier: MIT
 */
#include <edgestatic.h>
#include <edgestatic_mhd.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Made by `edgestatic embed --symbol site`. */
extern const unsigned char site[];
extern const size_t site_len;

static atomic_ulong visits;

/* GET tells the number of visits, POST counts one more. */
static enum MHD_Result api(struct MHD_Connection *connection, const char *url,
                           const char *method) {
  char text[64];
  struct MHD_Response *response;
  enum MHD_Result result;
  unsigned status = MHD_HTTP_OK;
  unsigned long n = atomic_load(&visits);

  if (strcmp(url, "/api/visits") != 0)
    status = MHD_HTTP_NOT_FOUND;
  else if (strcmp(method, "POST") == 0)
    n = atomic_fetch_add(&visits, 1) + 1;
  snprintf(text, sizeof text, "{\"visits\":%lu}\n", n);
  response = MHD_create_response_from_buffer(strlen(text), text,
                                             MHD_RESPMEM_MUST_COPY);
  MHD_add_response_header(response, "Content-Type", "application/json");
  MHD_add_response_header(response, "Cache-Control", "no-store");
  result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result answer(void *front, struct MHD_Connection *connection,
                              const char *url, const char *method,
                              const char *version, const char *upload,
                              size_t *upload_size, void **con_cls) {
  static char ours; /* marks the requests that are not the site's */
  unsigned flags =
      strncmp(url, "/api/", 5) == 0 ? EDGESTATIC_MHD_FALL_THROUGH : 0;

  (void)upload;
  if (*con_cls != &ours) {
    switch (edgestatic_mhd_handle(front, connection, url, method, version,
                                  con_cls, flags)) {
    case EDGESTATIC_MHD_HANDLED:
      return MHD_YES;
    case EDGESTATIC_MHD_CLOSE:
      return MHD_NO;
    default: /* answered when all of the request is there */
      *con_cls = &ours;
      return MHD_YES;
    }
  }
  if (*upload_size) { /* content that this API has no use for */
    *upload_size = 0;
    return MHD_YES;
  }
  return api(connection, url, method);
}

int main(int argc, char **argv) {
  uint16_t port = (uint16_t)(argc > 1 ? atoi(argv[1]) : 8080);
  struct MHD_Daemon *daemon;
  edgestatic_pack *pack;
  edgestatic_live *live;
  edgestatic_mhd *front;
  int error;

  if ((error = edgestatic_pack_borrow(&pack, site, site_len)) ||
      (error = edgestatic_live_new(&live, pack)) ||
      (error = edgestatic_mhd_new(&front, live, NULL))) {
    fprintf(stderr, "app: %s\n", edgestatic_strerror(error));
    return 1;
  }
  daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG,
                            port, NULL, NULL, answer, front, MHD_OPTION_ARRAY,
                            edgestatic_mhd_options(), MHD_OPTION_END);
  if (!daemon)
    return 1;
  printf("http://127.0.0.1:%d/ until Enter\n", port);
  fflush(stdout);
  getchar();

  MHD_stop_daemon(daemon);
  edgestatic_mhd_free(front);
  edgestatic_live_free(live);
  edgestatic_pack_unref(pack);
  return 0;
}
