/* origins.c - see origins.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/origins.h"

#include "core/list.h"

/* What scripts may see of a response beside the fields that they always may
 * (Fetch, "CORS-safelisted response-header name"): what they need for ranges
 * and for asking again. */
#define EXPOSED "Accept-Ranges, Content-Range, ETag"

/* How long a browser remembers a preflight: the most that Chromium does; a
 * changed rule is seen two hours later at the latest. */
#define MAX_AGE 7200

/* scheme "://" (RFC 3986 section 3.1, in lower case). */
static bool take_scheme(slice *s) {
  size_t i = 0;
  while (i < s->len && ((s->base[i] >= 'a' && s->base[i] <= 'z') ||
                        (i > 0 && (is_digit(s->base[i]) || s->base[i] == '+' ||
                                   s->base[i] == '-' || s->base[i] == '.'))))
    i++;
  if (i == 0 || !slice_starts(slice_skip(*s, i), LIT("://")))
    return false;
  *s = slice_skip(*s, i + 3);
  return true;
}

static bool is_host_byte(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.' ||
         c == '_';
}

/* A name, an IPv4 address, or an IPv6 address in brackets. */
static bool take_host(slice *s) {
  size_t i = 0;
  if (s->len > 0 && s->base[0] == '[') {
    for (i = 1; i < s->len && s->base[i] != ']'; i++)
      if (!is_digit(s->base[i]) && s->base[i] != ':' && s->base[i] != '.' &&
          (s->base[i] < 'a' || s->base[i] > 'f'))
        return false;
    if (i < 3 || i == s->len)
      return false;
    i++;
  } else {
    while (i < s->len && is_host_byte(s->base[i]))
      i++;
  }
  *s = slice_skip(*s, i);
  return i > 0;
}

/* Nothing, or a port that is not the scheme's own: browsers leave that out. */
static const char *port_fault(slice origin, slice port) {
  if (port.len == 0)
    return NULL;
  if (port.base[0] != ':' || port.len < 2 || port.len > 6 ||
      port.base[1] == '0')
    return "is no origin: it is a scheme, a host and perhaps a port, without "
           "a path or a slash at the end";
  unsigned n = 0;
  for (size_t i = 1; i < port.len; i++) {
    if (!is_digit(port.base[i]))
      return "has a port that is no number";
    n = n * 10 + (unsigned)(port.base[i] - '0');
  }
  if (n > 65535)
    return "has a port that does not exist";
  if ((n == 443 && slice_starts(origin, LIT("https:"))) ||
      (n == 80 && slice_starts(origin, LIT("http:"))))
    return "names the scheme's own port, which browsers leave out: leave it "
           "out, too";
  return NULL;
}

static const char *origin_fault(slice origin) {
  slice rest = origin;
  /* Frames in a sandbox and pages from files send it, so any site can. */
  if (slice_eq_nocase(origin, LIT("null")))
    return "is what any site can send from a sandboxed frame: write * if "
           "everybody may read the files, else leave it out";
  if (slice_eq(origin, LIT("*")))
    return "stands alone, without other origins";
  if (origin.len > CORS_ORIGIN_MAX)
    return "is too long for an origin";
  if (!take_scheme(&rest) || !take_host(&rest))
    return "is no origin: write it as browsers send it, in lower case, "
           "https://example.org";
  return port_fault(origin, rest);
}

const char *origins_fault(slice value, slice *which) {
  *which = value;
  if (slice_eq(value, LIT("*")))
    return NULL;
  slice rest = value;
  size_t count = 0;
  while (list_next(&rest, which)) {
    const char *fault = origin_fault(*which);
    if (fault)
      return fault;
    count++;
  }
  *which = value;
  return count > 0 ? NULL : "has no origin";
}

/* Methods are those that every asset has.  Any field may come with a request:
 * none changes more than which representation is sent, and those that tools
 * add (traceparent, X-Requested-With) are not to make it fail.  No cookies:
 * what is public needs none, and a pack knows nobody. */
uint32_t origins_layout(struct layout *layout, slice value) {
  bool any = slice_eq(value, LIT("*"));
  struct layout_cors record = {.origins = any ? LIT("") : value,
                               .methods = LIT("GET, HEAD"),
                               .headers = LIT(""),
                               .exposed = LIT(EXPOSED),
                               .max_age = MAX_AGE,
                               .flags = CORS_ECHO | (any ? CORS_ANY : 0)};
  return layout_cors(layout, &record);
}
