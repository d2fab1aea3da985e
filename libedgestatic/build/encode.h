/* encode.h - the content codings: what is tried, how hard, and what pays.
 *
 * encode() tries the codings of an effort on a content.  What is kept comes
 * smallest first.  The result depends on the bytes, the effort and the
 * versions of the libraries only, never on what an encoder did before.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_ENCODE_H
#define EDGESTATIC_ENCODE_H

#include "build/digest.h"
#include "build/mem.h"

#define ENCODE_KEPT_MAX 3 /* gzip, br, zstd */

/* What a variant costs each response that sends it: the two fields
 * "Content-Encoding: gzip" and "Vary: Accept-Encoding", with their line ends.
 * Fewer bytes saved are no gain. */
#define ENCODE_COST 47

/* And the share of the content that it must save, 1/32: less is lost again
 * by the time that a client takes to decode it. */
#define ENCODE_SHARE 32

/* Encodings of one content, without a gap, in any order; kept[0] is the
 * smallest.  The digests are digest_encoded's to set (digest.h). */
struct encoded {
  unsigned count;
  struct {
    unsigned coding;     /* enum edgestatic_coding */
    size_t offset, size; /* in bytes */
    unsigned char sha256[DIGEST_SIZE];
  } kept[ENCODE_KEPT_MAX];
  const unsigned char *bytes; /* of the encoder, until it is used again */
  size_t size;
  unsigned char sha256[DIGEST_SIZE]; /* of the content */
};

/* One per thread. */
struct encoder;

/* NULL when there is no memory. */
struct encoder *encoder_new(const edgestatic_allocator *allocator, int effort);
void encoder_free(struct encoder *); /* NULL is allowed */

/* EDGESTATIC_OK or _ERR_MEMORY. */
int encode(struct encoder *, const void *content, size_t size,
           struct encoded *out);

/* Whether `size` encoded bytes in place of `content` are worth a variant. */
bool encode_pays(size_t content, size_t size);

/* Names all that a result depends on but the content: codings, levels and
 * versions, for the key of a cache. */
#define ENCODE_RECIPE_MAX 128
void encode_recipe(int effort, char recipe[ENCODE_RECIPE_MAX]);

/* Whether what was kept is an encoding of this content: decodes the one that
 * is fastest to decode.  EDGESTATIC_OK, _ERR_FORMAT when it is not, or
 * _ERR_MEMORY. */
int encode_verify(struct encoder *, const struct encoded *kept,
                  const void *content, size_t size);

/* One coding at one level: writes at most max bytes and sets *size, to 0 where
 * they do not suffice.  EDGESTATIC_OK or _ERR_MEMORY. */
int encode_zstd(struct encoder *, int level, const void *content, size_t length,
                void *out, size_t max, size_t *size);

#endif
