/* edgestatic_policy.h - what a site's owner says about caches and security.
 *
 * By default an asset has the Cache-Control that suits what it is, and
 * X-Content-Type-Options: nosniff.  Beyond that there are rules, each for the
 * files that a glob matches, and a policy for the whole site.  All of it
 * becomes header fields while a pack is built: a request costs nothing more.
 *
 * The rules of a _headers file are applied later, so they win over what is
 * said here.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_POLICY_H
#define EDGESTATIC_POLICY_H

#include "edgestatic.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Rules by glob ---- */

enum edgestatic_rule_kind {
  EDGESTATIC_RULE_CACHE,     /* Cache-Control (RFC 9111 section 5.2) */
  EDGESTATIC_RULE_CDN,       /* CDN-Cache-Control (RFC 9213) */
  EDGESTATIC_RULE_SURROGATE, /* Surrogate-Control (Edge Architecture 1.0) */
  EDGESTATIC_RULE_CORS       /* origins that may read it from a script */
};

/* Adds a rule for source files that match a glob ("*.woff2", "js/?*.mjs").  A
 * glob without a slash is matched against the last segment.  The last rule of
 * a kind that matches wins, over the defaults too.  Both are copied.
 *
 * value is that of the field; of a CORS rule it is "*" or a list of origins
 * that are separated by commas, as browsers send them
 * ("https://example.org, http://localhost:5173").  No rule of the first three
 * kinds is for error pages, which are not stored.
 *
 * A directive that caches do not know, or that contradicts another one, gets a
 * warning by the message callback.
 * Returns EDGESTATIC_OK, _ERR_MEMORY, _ERR_LIMIT (10,000 rules), or _ERR_INPUT
 * when the glob is malformed or the value is none for that field; what is
 * wrong with it goes to the message callback. */
EDGESTATIC_API int edgestatic_builder_rule(edgestatic_builder *builder,
                                           int kind, edgestatic_slice glob,
                                           edgestatic_slice value);

/* ---- The site's policy ---- */

/* By which a cache in front of the site finds what it is to forget. */
enum edgestatic_cache_tags {
  EDGESTATIC_TAGS_NONE,
  EDGESTATIC_TAGS_SURROGATE_KEY, /* Surrogate-Key, for Fastly */
  EDGESTATIC_TAGS_CACHE_TAG      /* Cache-Tag, for Cloudflare */
};

typedef struct edgestatic_policy {
  size_t size; /* sizeof(edgestatic_policy); the macro sets it */

  /* Presets, other than 0 is on.  They go on pages and on what stands in for
   * one: redirects, error pages, the texts that the core answers with; a rule
   * of _headers wins over them.  security_headers: Referrer-Policy,
   * X-Frame-Options, Permissions-Policy, Cross-Origin-Opener-Policy and, over
   * TLS only and on every file, Strict-Transport-Security.
   * cross_origin_isolation: what a page needs for SharedArrayBuffer, and
   * Cross-Origin-Resource-Policy on every file.  noindex: X-Robots-Tag on
   * everything, so that no search engine lists the site. */
  int security_headers;
  int cross_origin_isolation;
  int noindex;

  int cache_tags; /* enum edgestatic_cache_tags */

  /* A POSIX extended regular expression; files whose path ("js/app-1f.js")
   * it matches have a fingerprint of their content in their name, besides
   * those whose name looks like it.  NULL: none. */
  const char *fingerprint;

  /* Content-Security-Policy of HTML pages, to which the hashes of their inline
   * scripts and styles are added.  "": one that allows what the site brings
   * itself; NULL: none. */
  const char *csp;

  int preload; /* flag: Link: rel=preload for what pages need at once */
  int no_sri;  /* flag: integrity attributes are not held against the files */

  /* Flag: Repr-Digest (RFC 9530) with every representation, and not to those
   * clients alone that ask by Want-Repr-Digest. */
  int repr_digest;

  /* Flag: clients are not told to keep files as dictionaries, and those that
   * hold a file of an earlier release (edgestatic_builder_previous) are sent
   * all of it, and not the difference (RFC 9842). */
  int no_deltas;

  /* Flag: pages are compressed with a dictionary of what they have in common
   * too (RFC 9842), which becomes a file of the site; where that pays. */
  int site_dictionary;
} edgestatic_policy;

#define EDGESTATIC_POLICY_INIT                                                 \
  { sizeof(edgestatic_policy), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/* Sets the policy of the site, in place of one that was set before.  It is
 * copied, strings too.
 * Returns EDGESTATIC_OK, _ERR_MEMORY, or _ERR_INPUT when a member has no such
 * value or size is not one that was ever published; what is wrong goes to the
 * message callback. */
EDGESTATIC_API int edgestatic_builder_policy(edgestatic_builder *builder,
                                             const edgestatic_policy *policy);

#ifdef __cplusplus
}
#endif

#endif
