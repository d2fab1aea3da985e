/* format.h - the pack, byte by byte; edgestatic-pack(5) says it in words.
 *
 *   +--------+----------+----------------------------------+--------------+
 *   | header | sections | records and strings, by section  | bodies       |
 *   +--------+----------+----------------------------------+--------------+
 *   |<------------------ index (index_size) -------------->|  each aligned |
 *
 *   collection --slots--> entry --> asset --> variants --> blob --> body
 *                          (path)     |          |
 *                                     +- fields  +- fields
 *
 * All numbers are little-endian and stand for themselves at any alignment, so
 * the records below are read in place on any machine.  Growth: a section has
 * a stride, so a later minor version may add members at the end of a record
 * or whole sections; a section that an older reader must not ignore carries
 * SECTION_CRITICAL.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_FORMAT_H
#define EDGESTATIC_FORMAT_H

#include <stdint.h>

typedef struct {
  unsigned char b[2];
} le16;
typedef struct {
  unsigned char b[4];
} le32;
typedef struct {
  unsigned char b[8];
} le64;

/* Compilers make one load or store of each of these. */
static inline uint16_t get16(le16 v) {
  return (uint16_t)(v.b[0] | v.b[1] << 8);
}

static inline uint32_t get32(le32 v) {
  return (uint32_t)v.b[0] | (uint32_t)v.b[1] << 8 | (uint32_t)v.b[2] << 16 |
         (uint32_t)v.b[3] << 24;
}

static inline uint64_t get64(le64 v) {
  return (uint64_t)v.b[0] | (uint64_t)v.b[1] << 8 | (uint64_t)v.b[2] << 16 |
         (uint64_t)v.b[3] << 24 | (uint64_t)v.b[4] << 32 |
         (uint64_t)v.b[5] << 40 | (uint64_t)v.b[6] << 48 |
         (uint64_t)v.b[7] << 56;
}

static inline le16 put16(uint16_t n) {
  return (le16){{(unsigned char)n, (unsigned char)(n >> 8)}};
}

static inline le32 put32(uint32_t n) {
  return (le32){{(unsigned char)n, (unsigned char)(n >> 8),
                 (unsigned char)(n >> 16), (unsigned char)(n >> 24)}};
}

static inline le64 put64(uint64_t n) {
  return (le64){{(unsigned char)n, (unsigned char)(n >> 8),
                 (unsigned char)(n >> 16), (unsigned char)(n >> 24),
                 (unsigned char)(n >> 32), (unsigned char)(n >> 40),
                 (unsigned char)(n >> 48), (unsigned char)(n >> 56)}};
}

/* As PNG's: a high bit, CR LF and ^Z show a pack that went through a text
 * transfer. */
#define PACK_MAGIC                                                             \
  "\x93"                                                                       \
  "ESP\r\n\x1a\n"
#define PACK_MAJOR 1 /* another one: refused */
#define PACK_MINOR 0 /* a higher one: read, what is new is ignored */

/* Bodies begin at a multiple of PACK_ALIGN, large ones (64 KiB and more, of
 * which half a page of padding is 3 %) at a multiple of PACK_PAGE, so that
 * sendfile and mmap move whole pages.  Readers rely on neither. */
#define PACK_ALIGN 8
#define PACK_PAGE 4096

#define PACK_SECTIONS_MAX 64 /* stops a header from costing time */

typedef struct {
  char magic[8];
  le16 major, minor;
  le32 header_size; /* offset of the section table */
  le64 index_size;  /* header to the end of the last section */
  le64 pack_size;
  le64 checksum; /* XXH3-64 of [offset of newest, index_size) */
  le64 newest;   /* newest Last-Modified; int64, INT64_MIN for none */
  le32 section_count;
  le32 reserved;
} pack_header;

typedef struct {
  le32 id, flags;
  le32 offset; /* from the first byte of the pack */
  le32 count;  /* records */
  le32 stride; /* bytes from one record to the next */
  le32 reserved;
} pack_section;

#define SECTION_CRITICAL 1u

/* The order is that of edgestatic_store.section[], which numbers the places
 * that this reader knows.  Those that every pack has stand at their ids, later
 * ones do not.  Ids from 25 up are for later. */
enum section_id {
  SECTION_STRINGS, /* each: le16 length, bytes, NUL; refer by offset here;
                      count is bytes, stride 1 */
  SECTION_COLLECTIONS,
  SECTION_SLOTS,
  SECTION_ENTRIES,
  SECTION_ASSETS,
  SECTION_VARIANTS,
  SECTION_FIELDS,
  SECTION_BLOBS,
  SECTION_KNOWN, /* that every pack has */

  /* Redirects, SECTION_CRITICAL all: a reader that passed them over would
   * serve what the site's owner has moved. */
  SECTION_RULESETS = SECTION_KNOWN, /* id 16; record i is collection i's */
  SECTION_RULES,                    /* 17 */
  SECTION_CONDITIONS,               /* 18 */

  /* Header fields by rule, SECTION_CRITICAL too: they may be what protects a
   * site. */
  SECTION_HEADER_SETS,   /* 19; record i is collection i's */
  SECTION_HEADER_BLOCKS, /* 20 */
  SECTION_HEADER_FIELDS, /* 21 */
  SECTION_CORS,          /* 22 */

  /* Not critical: who passes them over sends whole representations, and no
   * digest. */
  SECTION_DICTIONARIES, /* 23; what clients may hold */
  SECTION_DIGESTS,      /* 24; record i is blob i's */
  SECTION_PLACES
};

/* The id of a section after SECTION_KNOWN is higher than its place by this. */
#define SECTION_LATER_BASE 8u

/* An open-addressed hash table: slots [first, first + mask], linear probing
 * from XXH3-64(path) & mask, at most half full.  An empty one has a slot.
 * What a table leads to is a record that begins with its path. */
typedef struct {
  le32 first, mask;
} pack_table;

/* One site.  The reader serves collection 0; others are for later versions
 * that choose by host name, prefix or cookie. */
typedef struct {
  le32 name; /* string: "live" */
  pack_table paths;
  pack_table error_pages; /* of entries too; path is a folder: "/", "/docs/" */
  le32 error_page_depth;  /* most slashes in such a path; 0: no table */
  le32 fallback;          /* asset + 1 of the single-page app, or 0 */
  le16 canonical_status;  /* of redirects to a page's own path */
  le16 flags;             /* COLLECTION_FLAGS */
} pack_collection;

/* How files were mapped to paths, for packs that are made from this one: an
 * enum edgestatic_html_handling and an enum edgestatic_not_found. */
#define COLLECTION_FLAGS(html, not_found) ((html) | (not_found) << 2)
#define COLLECTION_HTML(flags) ((flags)&3u)
#define COLLECTION_NOT_FOUND(flags) ((flags) >> 2 & 3u)

typedef struct {
  le32 tag;   /* high half of the hash */
  le32 entry; /* entry (of a ruleset's table: rule) + 1; 0: the slot is free */
} pack_slot;

/* What is at a path. */
typedef struct {
  le32 path;           /* string: decoded, begins with "/" */
  le32 location;       /* string: percent-encoded, begins with one "/"; or the
                          target of a redirect, any URI */
  le32 asset;          /* ENTRY_ASSET: which */
  le16 status;         /* ENTRY_REDIRECT: 301, 302, 303, 307 or 308; else 200 */
  unsigned char kind;  /* enum entry_kind */
  unsigned char flags; /* ENTRY_* */
} pack_entry;

enum entry_kind { ENTRY_ASSET = 1, ENTRY_REDIRECT = 2 };

#define ENTRY_PAGE 1u     /* every spelling of the path redirects here */
#define ENTRY_FOLDER 2u   /* the path without its last slash redirects here */
#define ENTRY_RETAINED 4u /* kept from an earlier release */

/* A response's fields are two runs: the variant's, then the asset's.  In each,
 * what a 304 leaves out comes first and the last `kept` stay.  The variant's
 * first field is Content-Length, the asset's first is Content-Type.
 *
 * Of an asset's fields, header rules may have a part; so there is another run
 * of them without, the bare one, for when the asset is sent for another path
 * than its own.  Where no rule has changed anything the two are one.  The last
 * `tls` of a run are sent over TLS alone (RFC 6797 section 7.2). */
typedef struct {
  le32 path;  /* string: where it is served */
  le32 file;  /* string: its name in the source */
  le32 type;  /* string: Content-Type */
  le32 flags; /* EDGESTATIC_ASSET_* */
  le64 mtime; /* int64; INT64_MIN: none */
  le32 variant;
  le32 field;
  le16 variant_count; /* smallest first; then its deltas, smallest first */
  unsigned char field_count, field_kept;
  le32 bare; /* first field of the run without what header rules add */
  unsigned char bare_count, bare_kept, tls_count, bare_tls;
  le32 cors;           /* record + 1; 0: none */
  le64 retained_until; /* int64; 0: an asset of this very release */
} pack_asset;

typedef struct {
  le32 blob;
  le32 etag; /* string, with its quotes; empty on an error page */
  le32 field;
  le32 dictionary; /* record + 1 of a delta, which dcb and dcz are; else 0 */
  unsigned char field_count, field_kept;
  unsigned char coding; /* enum edgestatic_coding; others are passed over */
  unsigned char flags;
} pack_variant;

typedef struct {
  le32 name, value; /* strings */
  le32 origin;      /* string: which rule set it */
} pack_field;

typedef struct {
  unsigned char hash[16]; /* XXH3-128, canonical */
  le64 offset, size;
} pack_blob;

/* Bytes that a client may hold and decode a delta with (RFC 9842): it names
 * them by their SHA-256, and there is nothing else to find them by. */
typedef struct {
  unsigned char sha256[32];
  le32 name; /* string, for people: the path they were served at */
  le32 reserved;
} pack_dictionary;

/* The SHA-256 of a body.  The section has one for each blob, or is not there:
 * no digest is sent then. */
typedef struct {
  unsigned char sha256[32];
} pack_digest;

/* ---- Redirects and rewrites by rule ---- */

/* The rules of a site.  Those for one path each, without a placeholder, are
 * found by the table; the others are tried one after the other.  The answer
 * is the rule of the lowest order that matches. */
typedef struct {
  pack_table exact;
  le32 dynamic, dynamic_count; /* rules, by order */
  le32 flags;                  /* RULESET_* */
  le32 reserved;
} pack_ruleset;

#define RULESET_ENCODED 1u /* paths are matched as they came, not decoded */
#define RULESET_SLASH 2u   /* a last slash of a path does not matter */
#define RULESET_FORCED 4u  /* a rule of it is forced */
#define RULESET_LOCAL 8u   /* Location of the request's own site: its path */
#define RULESET_PAGES                                                          \
  16u /* a rewrite to another spelling of a page's path                        \
         redirects there, else the page is sent */

/* One rule.  Rules of one path stand one after the other, by order. */
typedef struct {
  le32 path;      /* string: exact, or a pattern (core/pattern.h) */
  le32 target;    /* string: a template (core/expand.h) */
  le32 host;      /* string: in lower case; empty: any */
  le32 origin;    /* string: "_redirects:12" */
  le32 order;     /* lower goes first */
  le32 condition; /* first */
  le16 status;    /* 301, 302, 303, 307, 308: Location; else which page */
  unsigned char condition_count;
  unsigned char flags; /* RULE_* */
} pack_rule;

#define RULE_FORCED 1u   /* before assets; else only where there is none */
#define RULE_MORE 2u     /* the next rule has the same path */
#define RULE_HTTP 4u     /* for requests that are not secured */
#define RULE_HTTPS 8u    /* for requests that are */
#define RULE_SQUEEZE 16u /* repeated slashes of the target become one */

/* What else must be true of a request. */
typedef struct {
  le32 name;          /* string: CONDITION_PARAMETER, _CAPTURE */
  le32 value;         /* string: exact value of a parameter; else names of
                         languages, cookies ..., separated by commas */
  unsigned char kind; /* enum condition_kind; of others none is ever true */
  unsigned char reserved[3];
} pack_condition;

enum condition_kind {
  CONDITION_PARAMETER = 1, /* the query has name=value */
  CONDITION_CAPTURE,       /* the query has name, captured after the path's */
  CONDITION_LANGUAGE,      /* the most wanted language is one of these */
  CONDITION_COOKIE,        /* one of these cookies is there */
  CONDITION_COUNTRY,       /* the request comes from one of these */
  CONDITION_ROLE           /* needs what no request says: never true */
};

/* Most rules of a pack and most that are tried one after the other: an answer
 * may cost a walk through them. */
#define RULES_MAX 100000
#define RULES_DYNAMIC_MAX 10000

/* ---- Header fields by rule ---- */

/* For what is sent for another path than its own: redirects, texts, error
 * pages, the fallback, rewrites.  All blocks whose path matches apply, in
 * their order; each first takes fields away, then sets some.
 *
 * Presets are fields that the site has everywhere.  Assets have them among
 * their own; these are for what has no asset's fields, redirects always among
 * it.  A block that sets one takes its place. */
typedef struct {
  le32 block, block_count;
  le32 flags;                /* HEADERS_* */
  le32 preset, preset_count; /* fields, of no block */
} pack_header_set;

#define HEADERS_ENCODED 1u   /* paths are matched as they came, not decoded */
#define HEADERS_NOCASE 2u    /* letter case of a path does not matter */
#define HEADERS_SLASH 4u     /* a last slash of a path does not matter */
#define HEADERS_APPEND 8u    /* a later block adds to a field; else replaces */
#define HEADERS_REDIRECT 16u /* they apply to redirects too */

typedef struct {
  le32 host; /* string: in lower case; empty: any */
  le32 path; /* string: a pattern (core/pattern.h) */
  le32 field, field_count;
} pack_header_block;

typedef struct {
  le32 name;   /* string */
  le32 value;  /* string: ASCII; a byte from 1 to 31 is a capture's number */
  le32 origin; /* string: "_headers:12" */
  le32 flags;  /* HEADER_* */
} pack_header_field;

#define HEADER_UNSET 1u /* takes the field away, whoever set it */
#define HEADER_TLS 2u   /* is sent over TLS alone */

/* Most blocks: each is held against the path of a request. */
#define HEADER_BLOCKS_MAX 10000

/* ---- CORS (WHATWG Fetch section 3.3) ---- */

/* Who may read an asset from another site.  The lists are as in the fields
 * that they are for, members separated by commas. */
typedef struct {
  le32 origins; /* string: serialised, "https://a.example"; with CORS_ANY: "" */
  le32 methods; /* string: Access-Control-Allow-Methods */
  le32 headers; /* string: Access-Control-Allow-Headers; empty: none */
  le32 exposed; /* string: Access-Control-Expose-Headers; empty: none */
  le32 max_age; /* seconds, of a preflight; 0: not said */
  le32 flags;   /* CORS_* */
} pack_cors;

#define CORS_ANY 1u         /* every origin; not with CORS_CREDENTIALS */
#define CORS_CREDENTIALS 2u /* with cookies, too */
#define CORS_ECHO 4u        /* every request header is allowed */

/* Longest origin: a scheme, a host name of 253 bytes, a port. */
#define CORS_ORIGIN_MAX 280

#endif
