/* fuzz_pack.c - bytes as a pack: whatever opens must answer as it promises.
 *
 * Input: patches of a good pack, which the first byte chooses, each an offset
 * (2 bytes), a count (1 byte, its last 3 bits) and as many bytes less one; or,
 * when the first byte is 0, the rest as a pack.  The checksum is made right in
 * both cases.
 *
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/policypack.h"
#include "tests/site.h"

#define PACKS (1 + POLICYPACKS)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try(unsigned char *pack, size_t len) {
  edgestatic_store store;
  pack_header *h = (pack_header *)pack;
  if (len >= sizeof *h && get64(h->index_size) >= sizeof *h &&
      get64(h->index_size) <= len)
    mk_reseal(pack);
  if (edgestatic_store_open(&store, pack, len) == EDGESTATIC_OK)
    invariants_of_store(&store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static unsigned char *packs[PACKS];
  if (packs[0] == NULL)
    for (int i = 0; i < PACKS; i++) {
      size_t len;
      packs[i] = i == 0 ? site_pack(&len, true) : policypack(i - 1, &len);
    }
  if (size == 0)
    return 0;
  if (data[0] == 0) {
    unsigned char *pack = malloc(size);
    memcpy(pack, data + 1, size - 1);
    try(pack, size - 1);
    free(pack);
    return 0;
  }
  /* The index alone, so that a look at a body is an error. */
  const unsigned char *good = packs[data[0] % PACKS];
  size_t index_len = (size_t)get64(((const pack_header *)good)->index_size);
  unsigned char *pack = malloc(index_len);
  memcpy(pack, good, index_len);
  for (size_t i = 1; i + 3 < size;) {
    size_t at = (size_t)(data[i] | data[i + 1] << 8);
    size_t count = 1 + (data[i + 2] & 7u);
    i += 3;
    for (size_t k = 0; k < count && i < size; k++, i++)
      if (at + k < index_len)
        pack[at + k] = data[i];
  }
  try(pack, index_len);
  free(pack);
  return 0;
}
