/* delta.h - a content as its difference from what a client holds already:
 * dcz and dcb (RFC 9842 sections 4 and 5).
 *
 * A body is a header that names the dictionary by its SHA-256, then a stream
 * that decodes with the dictionary's bytes before it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_DELTA_H
#define EDGESTATIC_DELTA_H

#include "build/mem.h"

/* Contents and dictionaries above this are not encoded: a client would hold
 * both in memory, and so does each thread here, besides what zstd needs.  It
 * is 30 times what is called a large script. */
#define DELTA_INPUT_MAX ((size_t)32 << 20)

#define DELTA_HASH 32 /* bytes of a SHA-256 */

struct delta_dictionary {
  slice bytes; /* 1 to DELTA_INPUT_MAX */
  const unsigned char *sha256;
};

/* Whether this build makes a coding: dcz always, dcb with libbrotli 1.1. */
bool delta_makes(unsigned coding);

/* One per thread; NULL: there is no memory. */
struct delta_encoder;
struct delta_encoder *delta_encoder_new(const edgestatic_allocator *,
                                        int effort);
void delta_encoder_free(struct delta_encoder *); /* NULL is allowed */

/* Encodes a content of at most DELTA_INPUT_MAX bytes to at most max; *body is
 * the encoder's until it is used again, and empty where max does not suffice.
 * The content may be the dictionary itself; else they do not overlap.
 * EDGESTATIC_OK or _ERR_MEMORY. */
int delta_encode(struct delta_encoder *, unsigned coding,
                 const struct delta_dictionary *, slice content, size_t max,
                 slice *body);

/* Whether it is worth the time to encode a content, which is as long as without
 * a dictionary: what can be told in a hundredth of that, by whether a fast
 * encoding takes at most max bytes.  EDGESTATIC_OK or _ERR_MEMORY. */
int delta_probe(struct delta_encoder *, const struct delta_dictionary *,
                slice content, size_t max, bool *worth);

/* Whether a body decodes to the content: EDGESTATIC_OK, _ERR_FORMAT when it
 * does not, or _ERR_MEMORY. */
int delta_verify(struct delta_encoder *, unsigned coding,
                 const struct delta_dictionary *, slice body, slice content);

/* Names all that a result depends on but content and dictionary, for the key
 * of a cache. */
#define DELTA_RECIPE_MAX 64
void delta_recipe(unsigned coding, int effort, char recipe[DELTA_RECIPE_MAX]);

#endif
