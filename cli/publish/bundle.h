/* bundle.h - a prebuilt guest and a pack become one module, without a compiler.
 *
 *   guest:  ... memory ...             code          data            mark
 *   site:   ... memory ... data count, code, data + index + slot + bodies, mark
 *                 + pages                |   active  active  passive
 *                     of the index       edgestatic_bodies: memory.init
 *
 * The index is copied into memory where the module starts, behind what the
 * guest itself has; the slot then holds its address and length.  The bodies
 * take no memory: edgestatic_bodies copies what is asked for out of a passive
 * segment.  A component is rewritten in the module that it holds.  No other
 * byte changes, and the same guest and pack give the same site.
 *
 * A bundle is a plan: a plain value of slices of the guest, the pack and its
 * own few bytes, which never copies a body.  It borrows the guest and the
 * pack; it may be copied, and there is nothing to free.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_BUNDLE_H
#define PUBLISH_BUNDLE_H

#include "edgestatic.h"

#include "mark.h"
#include "module.h"

/* A guest, checked from one end to the other. */
struct guest {
  struct wasm_bytes bytes;
  struct mark mark;
  struct module module; /* the one that is rewritten, if there is one */
  /* In a component: the section that holds it; else without a `whole`. */
  struct wasm_section nested;
};

/* The flavour that is not rewritten: on JavaScript hosts the pack stays beside
 * the module, whose slot is filled in by the host. */
#define GUEST_BESIDE "workers"

/* A guest has less than 64 KiB, one with its debugging information ten times
 * as much.  Keeps a wrong file from being read, and sums of sizes small. */
#define GUEST_SIZE_MAX (16u << 20)

/* Returns REFUSAL_NONE or any but _INDEX_SIZE and _PACK_SIZE. */
int guest_read(struct wasm_bytes bytes, struct guest *guest);

#define BUNDLE_PIECES_MAX 32
#define BUNDLE_OWN_MAX (MARK_SIZE_MAX + 256)

enum bundle_source { BUNDLE_GUEST, BUNDLE_PACK, BUNDLE_OWN };

struct bundle {
  struct wasm_bytes guest, pack;
  uint64_t size; /* of the site, in bytes */
  unsigned count;
  struct {
    enum bundle_source source;
    size_t offset, len;
  } piece[BUNDLE_PIECES_MAX];
  size_t own_len;
  unsigned char own[BUNDLE_OWN_MAX];
};

/* Plans the site of a guest (not GUEST_BESIDE) and a whole pack.  Returns
 * REFUSAL_NONE, _INDEX_SIZE or _PACK_SIZE. */
int bundle_plan(struct bundle *bundle, const struct guest *guest,
                const edgestatic_store *store);

/* Hands over the site's bytes in their order, piece by piece.  Stops where
 * `take` does not return 0; returns what it returned last. */
int bundle_each(const struct bundle *bundle,
                int (*take)(void *ctx, const void *bytes, size_t len),
                void *ctx);

#endif
