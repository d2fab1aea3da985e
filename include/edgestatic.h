/* edgestatic.h - a site is one read-only pack; serving is one pure function.
 *
 * Two halves:
 *
 *   CORE     edgestatic_store_*, edgestatic_respond and what is beside them.
 *            No allocation, no system call, no clock, no global: it imports
 *            mem* and nothing else, and runs natively or as a Wasm guest.
 *   BUILDER  edgestatic_builder_*, edgestatic_pack_*, edgestatic_live_*.
 *            Native only: files, threads and compressors.
 *
 * Said once, for every function here:
 *
 *   - A slice is {base, len}.  Absent is base == NULL, empty is len == 0.
 *     Slices that come out of a store or a response are followed by a NUL
 *     byte that len does not count, so they serve as C strings too.
 *   - Sizes and offsets are bytes, times are seconds since 1970-01-01 UTC.
 *   - Pointers returned are borrowed from the object they came from, unless
 *     the comment says that the caller owns them.
 *   - Functions that can fail return EDGESTATIC_OK (0) or one of the codes
 *     that their comment lists.  There is no last-error state.
 *   - Hostile bytes (a request, a pack, a file) are never a programming
 *     error; a NULL where the comment does not allow one is: the builder
 *     asserts, the core does not look.
 *   - Objects that are const in a signature may be used from any number of
 *     threads at once.  Everything else belongs to one thread at a time.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_H
#define EDGESTATIC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __GNUC__
#define EDGESTATIC_API __attribute__((visibility("default")))
#else
#define EDGESTATIC_API
#endif

#define EDGESTATIC_VERSION_MAJOR 0
#define EDGESTATIC_VERSION_MINOR 1
#define EDGESTATIC_VERSION_PATCH 0

/* ---- Slices and errors ---- */

typedef struct edgestatic_slice {
  const char *base;
  size_t len;
} edgestatic_slice;

#define EDGESTATIC_LITERAL(s)                                                  \
  { (s), sizeof(s) - 1 }

#define EDGESTATIC_ERRORS(X)                                                   \
  X(OK, 0, "success")                                                          \
  X(ERR_FORMAT, -1, "not an edgestatic pack, or a damaged one")                \
  X(ERR_VERSION, -2, "the pack needs a newer edgestatic")                      \
  X(ERR_CHECKSUM, -3, "the pack's index does not match its checksum")          \
  X(ERR_MEMORY, -4, "out of memory")                                           \
  X(ERR_IO, -5, "a file could not be read or written")                         \
  X(ERR_INPUT, -6, "the input cannot be packed as it is")                      \
  X(ERR_LIMIT, -7, "a limit of the pack format was reached")                   \
  X(ERR_CANCELLED, -8, "cancelled by the progress callback")                   \
  X(ERR_BUSY, -9, "another writer is at work in the site store")

enum edgestatic_error {
#define EDGESTATIC_X(name, code, text) EDGESTATIC_##name = (code),
  EDGESTATIC_ERRORS(EDGESTATIC_X)
#undef EDGESTATIC_X
};

/* One line of English for an error code; never NULL, static storage. */
EDGESTATIC_API const char *edgestatic_strerror(int error);

/* ---- Limits, each with its reason ---- */

/* Longest request target.  RFC 9110 section 4.1 asks for at least 8,000
 * octets; what is longer gets 414. */
#define EDGESTATIC_TARGET_MAX 8192

/* Longest path of an asset, decoded.  Bounds the stack of a request. */
#define EDGESTATIC_PATH_MAX 2048

/* Most ranges of one request, after joining those that touch.  More are an
 * attack rather than a need (RFC 9110 section 17.15): the whole is sent. */
#define EDGESTATIC_RANGES_MAX 16

/* Segments of one response: head and body of each range, closing boundary. */
#define EDGESTATIC_SEGMENTS_MAX (2 * EDGESTATIC_RANGES_MAX + 1)

/* Text that one response can need: a Location of an encoded path (three bytes
 * for each of PATH_MAX) and a query, or the heads of 16 parts; and fields. */
#define EDGESTATIC_TEXT_MAX                                                    \
  (3 * EDGESTATIC_PATH_MAX + EDGESTATIC_TARGET_MAX + 2 + 2048)

/* ---- Content codings (RFC 9110 section 8.4.1, RFC 9842 section 4) ---- */

#define EDGESTATIC_CODINGS(X)                                                  \
  X(IDENTITY, 0, "identity")                                                   \
  X(GZIP, 1, "gzip")                                                           \
  X(BR, 2, "br")                                                               \
  X(ZSTD, 3, "zstd")                                                           \
  X(DCB, 4, "dcb")                                                             \
  X(DCZ, 5, "dcz")

enum edgestatic_coding {
#define EDGESTATIC_X(name, id, token) EDGESTATIC_CODING_##name = (id),
  EDGESTATIC_CODINGS(EDGESTATIC_X)
#undef EDGESTATIC_X
      EDGESTATIC_CODING_COUNT
};

/* The registered name of a coding, as in Content-Encoding; absent: unknown. */
EDGESTATIC_API edgestatic_slice edgestatic_coding_name(int coding);

/* The weight, 0 to 1000, that an Accept-Encoding value gives to a coding
 * (RFC 9110 sections 12.4.2 and 12.5.3); 0: refused.  identity that is neither
 * named nor covered by "*" weighs 1; "*" covers all but dcb and dcz.  No value
 * accepts identity alone. */
EDGESTATIC_API int edgestatic_coding_weight(edgestatic_slice accept_encoding,
                                            int coding);

/* Reads a value of Available-Dictionary: 1 and the hash that it names, or 0
 * when it is absent or malformed (RFC 9842 section 2.2). */
EDGESTATIC_API int edgestatic_available_dictionary(edgestatic_slice value,
                                                   unsigned char sha256[32]);

/* ---- CORE: the request ---- */

/* The request header fields that the core may ask for. */
#define EDGESTATIC_FIELDS(X)                                                   \
  X(HOST, "Host")                                                              \
  X(ACCEPT, "Accept")                                                          \
  X(ACCEPT_ENCODING, "Accept-Encoding")                                        \
  X(ACCEPT_LANGUAGE, "Accept-Language")                                        \
  X(COOKIE, "Cookie")                                                          \
  X(IF_MATCH, "If-Match")                                                      \
  X(IF_NONE_MATCH, "If-None-Match")                                            \
  X(IF_MODIFIED_SINCE, "If-Modified-Since")                                    \
  X(IF_UNMODIFIED_SINCE, "If-Unmodified-Since")                                \
  X(IF_RANGE, "If-Range")                                                      \
  X(RANGE, "Range")                                                            \
  X(ORIGIN, "Origin")                                                          \
  X(ACCESS_CONTROL_REQUEST_METHOD, "Access-Control-Request-Method")            \
  X(ACCESS_CONTROL_REQUEST_HEADERS, "Access-Control-Request-Headers")          \
  X(SEC_FETCH_MODE, "Sec-Fetch-Mode")                                          \
  X(SEC_FETCH_DEST, "Sec-Fetch-Dest")                                          \
  X(AVAILABLE_DICTIONARY, "Available-Dictionary")                              \
  X(DICTIONARY_ID, "Dictionary-ID")                                            \
  X(WANT_REPR_DIGEST, "Want-Repr-Digest")                                      \
  X(WANT_CONTENT_DIGEST, "Want-Content-Digest")

enum edgestatic_field_id {
#define EDGESTATIC_X(id, name) EDGESTATIC_FIELD_##id,
  EDGESTATIC_FIELDS(EDGESTATIC_X)
#undef EDGESTATIC_X
      EDGESTATIC_FIELD_COUNT
};

/* Slots in a request: more than there are fields, for later versions. */
#define EDGESTATIC_FIELD_ROOM 32

/* A request as its host received it.  Zero it, then set what there is; all is
 * borrowed.  target is raw, with its query: "/a%20b?c", "*", an absolute form.
 * field[] are values without white space around them; what came on several
 * lines is joined with ", " (RFC 9110 section 5.3; Cookie with "; "). */
typedef struct edgestatic_request {
  edgestatic_slice method, target;
  edgestatic_slice field[EDGESTATIC_FIELD_ROOM];
  edgestatic_slice country; /* two letters; absent: the host does not know */
  uint32_t flags;           /* EDGESTATIC_REQUEST_* */
} edgestatic_request;

#define EDGESTATIC_REQUEST_TLS 1u       /* the client's connection is secured */
#define EDGESTATIC_REQUEST_PREVIEW 2u   /* not for search engines */
#define EDGESTATIC_REQUEST_BY_COOKIE 4u /* a cookie chose the site */

/* For hosts that are asked field by field: the name of a field; absent for an
 * id that is not in the list.  For those that hand over all fields in turn:
 * the id of a name in any letter case, or -1. */
EDGESTATIC_API edgestatic_slice edgestatic_field_name(int id);
EDGESTATIC_API int edgestatic_field_find(edgestatic_slice name);

/* ---- CORE: the store ---- */

/* A pack that was opened.  A plain value to copy, move, forget.  Private. */
typedef struct edgestatic_store {
  const unsigned char *base;
  size_t len;
  uint64_t index_size, pack_size;
  struct {
    uint32_t offset, count, stride;
  } section[24];
} edgestatic_store;

/* Checks a pack and opens it.  bytes are borrowed and stay unchanged while the
 * store is used; len is the whole pack, or at least its index: the core never
 * reads a body.  Every offset, length and count and the checksum of the index
 * are checked here, once; no later call can fail or read outside.
 * Returns EDGESTATIC_OK, _ERR_FORMAT, _ERR_VERSION or _ERR_CHECKSUM; on an
 * error *store is left zeroed, which is a store without assets. */
EDGESTATIC_API int edgestatic_store_open(edgestatic_store *store,
                                         const void *bytes, size_t len);

/* Opens bytes that edgestatic_store_open accepted before, reading their header
 * alone: for a guest that starts anew for each request.
 * Returns EDGESTATIC_OK, _ERR_FORMAT or _ERR_VERSION. */
EDGESTATIC_API int edgestatic_store_open_trusted(edgestatic_store *store,
                                                 const void *bytes, size_t len);

/* Bytes of the index, which is all that the core needs, and of the pack. */
EDGESTATIC_API uint64_t edgestatic_store_index_size(const edgestatic_store *);
EDGESTATIC_API uint64_t edgestatic_store_pack_size(const edgestatic_store *);

/* ---- CORE: the response ---- */

/* Where the bytes of a segment lie. */
enum edgestatic_place {
  EDGESTATIC_IN_PACK, /* offset is from the first byte of the pack */
  EDGESTATIC_IN_TEXT  /* offset is into response.text */
};

typedef struct edgestatic_segment {
  uint64_t offset, length;
  uint32_t place; /* enum edgestatic_place */
} edgestatic_segment;

/* How the asset was found, or why there is none: for `explain` and logs. */
#define EDGESTATIC_ROUTES(X)                                                   \
  X(NONE, "no asset has this path")                                            \
  X(ASSET, "the path names an asset")                                          \
  X(CANONICAL, "another spelling of a page's path")                            \
  X(REDIRECT, "the path is a redirect")                                        \
  X(FALLBACK, "no asset; a navigation gets the single-page app")               \
  X(NOT_FOUND_PAGE, "no asset; the nearest 404 page")                          \
  X(BAD_TARGET, "the request target is malformed")                             \
  X(METHOD, "the method alone decided")                                        \
  X(RULE, "a rule redirects")                                                  \
  X(REWRITE, "a rule sends the page of another path")

enum edgestatic_route {
#define EDGESTATIC_X(id, text) EDGESTATIC_ROUTE_##id,
  EDGESTATIC_ROUTES(EDGESTATIC_X)
#undef EDGESTATIC_X
      EDGESTATIC_ROUTE_COUNT
};

#define EDGESTATIC_NONE UINT32_MAX /* no asset, or no variant, was chosen */

#define EDGESTATIC_RESPONSE_NOT_FOUND 1u /* no such asset: try other routes */
#define EDGESTATIC_RESPONSE_HEAD 2u      /* segment[] is the content of a GET */

/* A header field that belongs to one response only.  Private. */
typedef struct edgestatic_own_field {
  const char *name, *value, *origin; /* value NULL: at value_text of the text */
  uint32_t name_len, value_len, origin_len, value_text;
} edgestatic_own_field;

/* What to send.  It borrows from the store, may be copied, and is about 20 KB:
 * leave it uninitialised, it is written as far as it is needed. */
typedef struct edgestatic_response {
  int32_t status;
  uint32_t flags; /* EDGESTATIC_RESPONSE_* */

  /* Non-zero: made of the pack alone, and the same as every response of this
   * store with this id; a key for a host that keeps prepared responses. */
  uint32_t id;

  /* Fields to send: edgestatic_response_field(store, response, 0 .. - 1), with
   * Content-Length where RFC 9110 section 8.6 wants it, without the host's own:
   * Date, Connection, Transfer-Encoding. */
  uint32_t field_count;

  /* The content, in order: segment[0 .. segment_count - 1]; 0 of HEAD, 204 and
   * 304.  For HEAD content_count says how many a GET would have sent. */
  uint32_t segment_count, content_count;
  uint64_t content_length; /* bytes of all content_count segments */
  edgestatic_segment segment[EDGESTATIC_SEGMENTS_MAX];

  /* Why: for explain and logs. */
  uint32_t route;     /* enum edgestatic_route */
  uint32_t asset;     /* number of the asset, or EDGESTATIC_NONE */
  uint32_t variant;   /* number of the variant, or EDGESTATIC_NONE */
  uint32_t rule;      /* number of the redirect rule met, or EDGESTATIC_NONE */
  int32_t decided_by; /* field id that set the status, or -1 */

  /* Private from here on. */
  uint32_t run_first[2], run_count[2], own_count, text_len, asked, hidden;
  unsigned char hide[2][32]; /* bits: which of the runs are left out */
  edgestatic_own_field own[80];
  char text[EDGESTATIC_TEXT_MAX];
} edgestatic_response;

/* Answers a request: total, deterministic, allocation-free, thread-safe.
 * 404, 405, 412 and 416 are responses, not errors.  Target, method, coding,
 * preconditions and range are ruled in this order (RFC 9110 section 13.2). */
EDGESTATIC_API void edgestatic_respond(const edgestatic_store *store,
                                       const edgestatic_request *request,
                                       edgestatic_response *response);

/* The redirect rule that would answer a request if no file had its path, for
 * explain; EDGESTATIC_NONE: there is none, or it is the one that answers. */
EDGESTATIC_API uint32_t edgestatic_hidden_rule(
    const edgestatic_store *store, const edgestatic_request *request);

typedef struct edgestatic_field {
  edgestatic_slice name, value;
  edgestatic_slice origin; /* which rule set it; for explain */
} edgestatic_field;

/* Field i < field_count of a response; borrowed from it and from the store. */
EDGESTATIC_API edgestatic_field
edgestatic_response_field(const edgestatic_store *store,
                          const edgestatic_response *response, uint32_t i);

/* The bytes of a segment.  Absent when they lie in the pack and the store was
 * opened on its index alone: the host has them. */
static inline edgestatic_slice
edgestatic_segment_bytes(const edgestatic_store *store,
                         const edgestatic_response *response,
                         const edgestatic_segment *segment) {
  edgestatic_slice s = {NULL, 0};
  if (segment->place == EDGESTATIC_IN_TEXT)
    s.base = response->text + segment->offset;
  else if (store->len >= store->pack_size)
    s.base = (const char *)store->base + segment->offset;
  else
    return s;
  s.len = (size_t)segment->length;
  return s;
}

/* The reason phrase of a status that the core can give; "" for others. */
EDGESTATIC_API const char *edgestatic_reason(int status);

/* ---- CORE: looking inside ---- */

/* An asset: one file of the site. */
typedef struct edgestatic_asset {
  edgestatic_slice path;  /* where it is served, decoded: "/about" */
  edgestatic_slice file;  /* what it was in the source: "about.html" */
  edgestatic_slice type;  /* Content-Type */
  int64_t mtime;          /* Last-Modified, or INT64_MIN where there is none */
  uint32_t variant;       /* number of its first variant */
  uint32_t variant_count; /* with identity, smallest first; then its deltas */
  uint32_t flags;         /* EDGESTATIC_ASSET_* */
  int64_t retained_until; /* of an earlier release, kept till then; else 0 */
} edgestatic_asset;

#define EDGESTATIC_ASSET_ERROR_PAGE 1u /* sent in place of a missing path */
#define EDGESTATIC_ASSET_FALLBACK 2u   /* for navigations to a missing path */

/* A variant: one stored representation of an asset. */
typedef struct edgestatic_variant {
  uint32_t coding;        /* enum edgestatic_coding, or one not known here */
  edgestatic_slice etag;  /* with its quotes; empty on an error page */
  unsigned char hash[16]; /* XXH3-128 of the bytes, canonical (big-endian) */
  uint64_t offset, size;  /* of the bytes, in the pack */
  uint32_t dictionary;    /* number + 1 of what a delta needs; 0: no delta */
  const unsigned char *sha256; /* of the bytes, 32; NULL: the pack has none */
} edgestatic_variant;

typedef struct edgestatic_dictionary { /* what a delta needs (RFC 9842) */
  const unsigned char *sha256; /* of its bytes, 32; they aren't in the pack */
  edgestatic_slice name;       /* for people: the path it was served at */
} edgestatic_dictionary;

EDGESTATIC_API uint32_t edgestatic_store_asset_count(const edgestatic_store *);
EDGESTATIC_API uint32_t
edgestatic_store_variant_count(const edgestatic_store *);

/* Asset and variant i < count; dictionary i of a variant's i + 1; the origin
 * of rule i. */
EDGESTATIC_API edgestatic_asset
edgestatic_store_asset(const edgestatic_store *store, uint32_t i);
EDGESTATIC_API edgestatic_variant
edgestatic_store_variant(const edgestatic_store *store, uint32_t i);
EDGESTATIC_API edgestatic_dictionary
edgestatic_store_dictionary(const edgestatic_store *store, uint32_t i);
EDGESTATIC_API edgestatic_slice
edgestatic_store_rule(const edgestatic_store *store, uint32_t i);

/* The asset served at a decoded path ("/about"), or EDGESTATIC_NONE. */
EDGESTATIC_API uint32_t edgestatic_store_find(const edgestatic_store *store,
                                              edgestatic_slice path);

/* ---- BUILDER: packs ---- */

/* A pack in memory: mapped from a file, finished by a builder, or borrowed.
 * Counted by references, which any thread may take and give back. */
typedef struct edgestatic_pack edgestatic_pack;

/* Maps and checks a pack file.  The file must not be changed in place while
 * it is mapped; the builder never does that, it replaces.
 * Returns EDGESTATIC_OK and the caller's reference, or _ERR_IO (errno says
 * why), _ERR_MEMORY, _ERR_FORMAT, _ERR_VERSION or _ERR_CHECKSUM. */
EDGESTATIC_API int edgestatic_pack_open(edgestatic_pack **pack,
                                        const char *file);

/* A pack over bytes that outlive it, as `edgestatic embed` makes.  As above. */
EDGESTATIC_API int edgestatic_pack_borrow(edgestatic_pack **pack,
                                          const void *bytes, size_t len);

/* The store of a pack; lives as long as the pack. */
EDGESTATIC_API const edgestatic_store *
edgestatic_pack_store(const edgestatic_pack *pack);

/* A descriptor of the file that has the pack's bodies, for sendfile, or -1:
 * there they begin *shift bytes before their offsets.  Owned by the pack. */
EDGESTATIC_API int edgestatic_pack_fd(const edgestatic_pack *, uint64_t *shift);

/* Takes one more reference; returns its argument. */
EDGESTATIC_API edgestatic_pack *edgestatic_pack_ref(edgestatic_pack *pack);

/* Gives a reference back; the last one frees.  NULL is allowed. */
EDGESTATIC_API void edgestatic_pack_unref(edgestatic_pack *pack);

/* The pack that is served now, when it can change while requests run.  All
 * functions but _new and _free may be called from any thread. */
typedef struct edgestatic_live edgestatic_live;

/* Takes a reference to first; NULL: none.  EDGESTATIC_OK or _ERR_MEMORY. */
EDGESTATIC_API int edgestatic_live_new(edgestatic_live **live,
                                       edgestatic_pack *first);

/* The current pack, with a reference that the caller owns, or NULL. */
EDGESTATIC_API edgestatic_pack *edgestatic_live_acquire(edgestatic_live *live);

/* Makes next the current pack in one step and takes a reference to it.
 * Requests that run keep the pack that they acquired. */
EDGESTATIC_API void edgestatic_live_swap(edgestatic_live *live,
                                         edgestatic_pack *next);

EDGESTATIC_API void edgestatic_live_free(edgestatic_live *live);

/* ---- BUILDER: options ---- */

/* How paths of HTML files map to URLs.  auto: a.html at /a, a/index.html at
 * /a/.  force: both at /a/.  drop: both at /a.  Other spellings redirect
 * there.  none: a plain web server; a.html at /a.html, a/index.html at
 * /a/index.html and /a/, and /a redirects to /a/. */
enum edgestatic_html_handling {
  EDGESTATIC_HTML_AUTO,
  EDGESTATIC_HTML_FORCE,
  EDGESTATIC_HTML_DROP,
  EDGESTATIC_HTML_NONE
};

/* What a missing path gets.  none: a line of text.  page: the nearest 404.html
 * upwards, else text.  spa: /index.html with 200 to navigate, else as page. */
enum edgestatic_not_found {
  EDGESTATIC_NOT_FOUND_PAGE,
  EDGESTATIC_NOT_FOUND_SPA,
  EDGESTATIC_NOT_FOUND_NONE
};

enum edgestatic_effort {
  EDGESTATIC_EFFORT_BEST, /* br 11, zstd 19, gzip 12: for deploying */
  EDGESTATIC_EFFORT_FAST  /* cheap levels: for developing */
};

/* Memory for the builder's own structures (compressors use malloc).  resize
 * is malloc for p == NULL, free for new_size == 0, else realloc; old_size is
 * what the block had.  It returns NULL when there is no memory, and may be
 * called from the builder's threads. */
typedef struct edgestatic_allocator {
  void *(*resize)(void *ctx, void *p, size_t old_size, size_t new_size);
  void *ctx;
} edgestatic_allocator;

enum edgestatic_severity {
  EDGESTATIC_NOTE,
  EDGESTATIC_WARNING,
  EDGESTATIC_ERROR
};

/* One thing to tell the person who builds: valid during the call only. */
typedef struct edgestatic_message {
  int severity;          /* enum edgestatic_severity */
  const char *file;      /* the file it is about, or NULL */
  unsigned line, column; /* in that file, from 1, or 0 */
  const char *text;      /* what is wrong and what to do; no newline */
} edgestatic_message;

/* How far a build is: valid during the call only. */
typedef struct edgestatic_progress {
  uint32_t files_done, files_total; /* total is 0 while it is not known */
  uint64_t bytes_done, bytes_total; /* of input, and once more for a delta */
} edgestatic_progress;

typedef struct edgestatic_builder_options {
  size_t size; /* sizeof(edgestatic_builder_options); the macro sets it */
  edgestatic_allocator allocator; /* resize == NULL: malloc and free */

  /* NULL: not told.  In the caller's thread; progress: non-zero cancels. */
  void (*message)(void *ctx, const edgestatic_message *message);
  void *message_ctx;
  int (*progress)(void *ctx, const edgestatic_progress *progress);
  void *progress_ctx;

  int html_handling; /* enum edgestatic_html_handling */
  int not_found;     /* enum edgestatic_not_found */
  int effort;        /* enum edgestatic_effort */
  unsigned threads;  /* 0: one for each core */
  /* Folder for compressed blobs, made if missing; NULL: no cache. */
  const char *cache_dir;
  int no_nosniff; /* non-zero: leave out X-Content-Type-Options: nosniff */
  /* Newest Last-Modified; files that are newer get it instead, as reproducible
   * builds want.  INT64_MIN: none; a file from the future gets none. */
  int64_t source_date_epoch;
} edgestatic_builder_options;

#define EDGESTATIC_BUILDER_OPTIONS_INIT                                        \
  {                                                                            \
    sizeof(edgestatic_builder_options), {0, 0}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  \
        INT64_MIN                                                              \
  }

/* ---- BUILDER: from files or bytes to a pack ---- */

typedef struct edgestatic_builder edgestatic_builder;

/* A builder without assets.  options is copied (strings too); NULL is all
 * defaults.  Returns EDGESTATIC_OK, _ERR_MEMORY, or _ERR_INPUT when an option
 * has no such value or options->size is not one that was ever published. */
EDGESTATIC_API int
edgestatic_builder_new(edgestatic_builder **builder,
                       const edgestatic_builder_options *options);
EDGESTATIC_API void edgestatic_builder_free(edgestatic_builder *builder);

/* What an app may say of an asset; the macro sets the defaults. */
typedef struct edgestatic_asset_options {
  size_t size;                    /* sizeof(edgestatic_asset_options) */
  edgestatic_slice type;          /* Content-Type; absent: by its name */
  edgestatic_slice cache_control; /* absent: by rule */
  int64_t mtime;                  /* Last-Modified; INT64_MIN: none */
} edgestatic_asset_options;

#define EDGESTATIC_ASSET_OPTIONS_INIT                                          \
  { sizeof(edgestatic_asset_options), {0, 0}, {0, 0}, INT64_MIN }

/* Adds one asset from memory, as the file `path` of the site's root ("a.html",
 * UTF-8, without "." and ".." segments).  Bytes are copied.  A path that was
 * added before is replaced.  options may be NULL.  Returns EDGESTATIC_OK,
 * _ERR_MEMORY, _ERR_INPUT or _ERR_LIMIT; what is wrong is told. */
EDGESTATIC_API int
edgestatic_builder_add(edgestatic_builder *builder, edgestatic_slice path,
                       const void *bytes, size_t len,
                       const edgestatic_asset_options *options);

/* Adds the files of a folder and those below it.  Left out: names that begin
 * with a dot (but not .well-known), what the root's .edgestaticignore names
 * (gitignore syntax), _headers and _redirects of the root, which are read as
 * edgestatic_rules.h says.  A symbolic link may lead to a file or folder inside
 * the root.  Files are read when the pack is finished.  Returns EDGESTATIC_OK
 * or _ERR_MEMORY, _IO, _INPUT, _LIMIT, _CANCELLED; what is wrong is told. */
EDGESTATIC_API int edgestatic_builder_add_dir(edgestatic_builder *builder,
                                              const char *dir);

/* Compresses, lays out and writes the pack: to a new file beside `file`, synced
 * and renamed, so that there is never half a pack; unless `file` is it already.
 * The same input and options give the same bytes, whatever the clock, threads
 * and cache.  Memory is bounded by the largest file times the threads.  The
 * builder can be finished again.
 * Returns as edgestatic_builder_add_dir; on an error `file` is untouched. */
EDGESTATIC_API int edgestatic_builder_write(edgestatic_builder *builder,
                                            const char *file);

/* The same into memory.  The caller owns one reference to *pack. */
EDGESTATIC_API int edgestatic_builder_finish(edgestatic_builder *builder,
                                             edgestatic_pack **pack);

/* What the last _write or _finish did. */
typedef struct edgestatic_builder_stats {
  uint32_t assets, blobs; /* files of the site; bodies, each stored once */
  uint64_t input_bytes;   /* of all files */
  uint64_t index_bytes, pack_bytes;
  uint32_t cached_blobs; /* variants that came from the cache */
  uint32_t retained;     /* files of earlier releases: edgestatic_site.h */
  struct {
    uint32_t variants;      /* assets that have this coding */
    uint64_t before, after; /* their bytes as identity and in this coding */
  } coding[8];              /* by enum edgestatic_coding */
  double seconds;
} edgestatic_builder_stats;

EDGESTATIC_API void
edgestatic_builder_get_stats(const edgestatic_builder *builder,
                             edgestatic_builder_stats *stats);

#ifdef __cplusplus
}
#endif

#endif
