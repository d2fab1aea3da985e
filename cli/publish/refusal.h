/* refusal.h - why a guest, or a guest and a pack together, are refused.
 *
 * Functions that read guests return REFUSAL_NONE (0) or one of these; the
 * verb prints the text after the name of the file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_REFUSAL_H
#define PUBLISH_REFUSAL_H

#define REFUSALS(X)                                                            \
  X(NONE, "fine")                                                              \
  X(FOREIGN, "not an edgestatic guest")                                        \
  X(SIZE, "larger than any guest: a published site, perhaps")                  \
  X(SITE, "a published site already, not a guest")                             \
  X(ABI, "made for another edgestatic")                                        \
  X(DAMAGED, "damaged: install edgestatic again")                              \
  X(FEATURE, "uses a part of WebAssembly that publish cannot rewrite")         \
  X(MEMORY_NONE, "defines no memory")                                          \
  X(MEMORY_TWO, "has two memories")                                            \
  X(MEMORY_IMPORTED, "imports its memory")                                     \
  X(MEMORY_KIND, "has a memory that is shared or of 64 bits")                  \
  X(SLOT_NONE, "exports no edgestatic_slot")                                   \
  X(SLOT_KIND, "edgestatic_slot is no immutable i32 with a constant value")    \
  X(SLOT_PLACE, "edgestatic_slot lies outside its memory")                     \
  X(BODIES_NONE, "exports no function edgestatic_bodies of its own")           \
  X(BODIES_TYPE, "edgestatic_bodies does not take three i32 and return "       \
                 "nothing")                                                    \
  X(MODULE_TWO, "holds two modules that export edgestatic_slot")               \
  X(INDEX_SIZE, "the pack's index and the guest need more than the 4 GiB of "  \
                "memory that a module can have")                               \
  X(PACK_SIZE, "the pack has more than the 4 GiB that a module can hold")

enum refusal {
#define REFUSAL_X(id, text) REFUSAL_##id,
  REFUSALS(REFUSAL_X)
#undef REFUSAL_X
      REFUSAL_COUNT
};

/* One line of English; never NULL, static storage. */
const char *refusal_text(int refusal);

#endif
