/* verify.c - `edgestatic verify`: is every byte of a pack as it should be?
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "args.h"
#include "decode.h"
#include "packfile.h"
#include "progress.h"
#include "say.h"
#include "term.h"
#include "view.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The hash is header-only here: the command needs no libxxhash at run time. */
#define XXH_INLINE_ALL
#include <xxhash.h>

static const struct option_spec options[] = {
    {'q', "quiet", NULL, "print what is wrong only"},
    {0, NULL, NULL, NULL},
};

/* A variant to look at, beside the identity of its asset. */
struct job {
  uint32_t asset;
  edgestatic_variant variant, identity;
};

struct verify {
  const edgestatic_store *store;
  struct job *job;
  size_t count;
  uint64_t bytes_done, bytes_total;
  unsigned faults;
};

static void fault(struct verify *verify, const struct job *job,
                  const char *what) {
  verify->faults++;
  progress_hide();
  edgestatic_asset asset = edgestatic_store_asset(verify->store, job->asset);
  term_print_slice(stdout, asset.path);
  fputs(": ", stdout);
  edgestatic_slice coding = edgestatic_coding_name((int)job->variant.coding);
  if (coding.base)
    printf("%s ", coding.base);
  printf("%s\n", what);
}

#define COMPARE(a, b)                                                          \
  if ((a) != (b))                                                              \
  return (a) < (b) ? -1 : 1

/* Brings the variants that share their bytes together. */
static int by_bytes(const void *left, const void *right) {
  const struct job *a = left, *b = right;
  COMPARE(a->variant.offset, b->variant.offset);
  COMPARE(a->variant.size, b->variant.size);
  COMPARE(a->identity.offset, b->identity.offset);
  COMPARE(a->identity.size, b->identity.size);
  COMPARE(a->variant.coding, b->variant.coding);
  COMPARE(a->variant.dictionary, b->variant.dictionary);
  return 0;
}

static bool same_bytes(const edgestatic_variant *a,
                       const edgestatic_variant *b) {
  return a->offset == b->offset && a->size == b->size;
}

/* Returns 0, or -1 when there is no memory. */
static int collect(struct verify *verify) {
  const edgestatic_store *store = verify->store;
  uint32_t assets = edgestatic_store_asset_count(store);
  size_t room = 0;
  for (uint32_t i = 0; i < assets; i++)
    room += edgestatic_store_asset(store, i).variant_count;
  verify->job = calloc(room + 1, sizeof *verify->job);
  if (!verify->job)
    return -1;
  for (uint32_t i = 0; i < assets; i++) {
    edgestatic_asset asset = edgestatic_store_asset(store, i);
    struct job job = {.asset = i};
    bool has_identity =
        view_variant(store, &asset, EDGESTATIC_CODING_IDENTITY, &job.identity);
    if (!has_identity)
      fault(verify, &job, "is missing");
    for (uint32_t k = 0; has_identity && k < asset.variant_count; k++) {
      job.variant = edgestatic_store_variant(store, asset.variant + k);
      verify->job[verify->count++] = job;
    }
  }
  qsort(verify->job, verify->count, sizeof *verify->job, by_bytes);
  for (size_t i = 0; i < verify->count; i++)
    verify->bytes_total += verify->job[i].variant.size;
  return 0;
}

static bool hash_is_right(const struct verify *verify, const struct job *job) {
  XXH128_hash_t hash = XXH3_128bits(view_bytes(verify->store, &job->variant),
                                    (size_t)job->variant.size);
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  return memcmp(canonical.digest, job->variant.hash,
                sizeof job->variant.hash) == 0;
}

/* Of packs that have digests, which clients are told. */
static bool digest_is_right(const struct verify *verify,
                            const struct job *job) {
  struct sha256_ctx ctx;
  uint8_t digest[SHA256_DIGEST_SIZE];
  if (!job->variant.sha256)
    return true;
  sha256_init(&ctx);
  sha256_update(&ctx, (size_t)job->variant.size,
                view_bytes(verify->store, &job->variant));
  sha256_digest(&ctx, sizeof digest, digest);
  return memcmp(digest, job->variant.sha256, sizeof digest) == 0;
}

static edgestatic_slice slice_of(const edgestatic_store *store,
                                 const edgestatic_variant *variant) {
  return (edgestatic_slice){(const char *)view_bytes(store, variant),
                            (size_t)variant->size};
}

static bool has_digest(const edgestatic_variant *variant,
                       const unsigned char sha256[SHA256_DIGEST_SIZE]) {
  return variant->sha256 &&
         memcmp(variant->sha256, sha256, SHA256_DIGEST_SIZE) == 0;
}

/* The dictionary of a delta, with its bytes where the pack has them: those of
 * the file itself and of the site dictionary.  Others are of earlier releases.
 */
static struct decode_dictionary dictionary_of(const struct verify *verify,
                                              const struct job *job) {
  edgestatic_dictionary d =
      edgestatic_store_dictionary(verify->store, job->variant.dictionary - 1);
  struct decode_dictionary found = {d.sha256, {NULL, 0}};
  edgestatic_variant variant = job->identity;
  char path[64]; /* "/dictionary.HASH.dat" */
  if (!has_digest(&variant, d.sha256) && d.name.len < sizeof path - 1) {
    path[0] = '/';
    memcpy(path + 1, d.name.base, d.name.len);
    uint32_t i = edgestatic_store_find(
        verify->store, (edgestatic_slice){path, d.name.len + 1});
    if (i != EDGESTATIC_NONE) {
      edgestatic_asset asset = edgestatic_store_asset(verify->store, i);
      view_variant(verify->store, &asset, EDGESTATIC_CODING_IDENTITY, &variant);
    }
  }
  if (has_digest(&variant, d.sha256))
    found.bytes = slice_of(verify->store, &variant);
  return found;
}

static void look_at(struct verify *verify, size_t i) {
  const struct job *job = &verify->job[i];
  const struct job *last = i > 0 ? job - 1 : NULL;
  bool seen = last && same_bytes(&last->variant, &job->variant);
  if ((!seen || memcmp(last->variant.hash, job->variant.hash,
                       sizeof job->variant.hash) != 0) &&
      !hash_is_right(verify, job)) {
    fault(verify, job, "has other bytes than its hash says");
    return;
  }
  if ((!seen || last->variant.sha256 != job->variant.sha256) &&
      !digest_is_right(verify, job)) {
    fault(verify, job, "has other bytes than its SHA-256 says");
    return;
  }
  if (seen && by_bytes(last, job) == 0)
    return;
  edgestatic_slice coded = slice_of(verify->store, &job->variant);
  const char *wrong;
  if (job->variant.dictionary) {
    struct decode_dictionary dictionary = dictionary_of(verify, job);
    wrong = decode_delta(job->variant.coding, coded, &dictionary,
                         slice_of(verify->store, &job->identity));
  } else {
    wrong = decode_compare(job->variant.coding, coded,
                           slice_of(verify->store, &job->identity));
  }
  if (wrong)
    fault(verify, job, wrong);
}

static void look_at_all(struct verify *verify, bool quiet) {
  progress_begin("verifying", quiet);
  for (size_t i = 0; i < verify->count; i++) {
    look_at(verify, i);
    verify->bytes_done += verify->job[i].variant.size;
    progress_at(verify->bytes_done, verify->bytes_total, i + 1, verify->count,
                "variants");
  }
  progress_end();
}

static int verify_pack(edgestatic_pack *pack, bool quiet) {
  struct verify verify = {.store = edgestatic_pack_store(pack)};
  if (collect(&verify) != 0) {
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    return CLI_INPUT;
  }
  look_at_all(&verify, quiet);
  free(verify.job);
  if (verify.faults) {
    say_error("%u of %zu variants %s wrong", verify.faults, verify.count,
              verify.faults == 1 ? "is" : "are");
    return CLI_DIFFERENT;
  }
  char assets[TERM_SIZE_MAX + 4], variants[TERM_SIZE_MAX + 4];
  if (!quiet)
    printf("good: %s assets, %s variants\n",
           term_count(assets, edgestatic_store_asset_count(verify.store)),
           term_count(variants, verify.count));
  return CLI_OK;
}

static int run(struct args *args) {
  bool quiet = false;
  int id;
  while ((id = args_next(args)) > 0)
    quiet = true;
  if (id < 0)
    return args->exit;
  edgestatic_pack *pack;
  int error = packfile_load(&pack, args->operand[0], false);
  if (error) {
    bool damaged =
        error == EDGESTATIC_ERR_FORMAT || error == EDGESTATIC_ERR_CHECKSUM;
    return damaged ? CLI_DIFFERENT : CLI_INPUT;
  }
  int status = verify_pack(pack, quiet);
  edgestatic_pack_unref(pack);
  return status;
}

const struct verb verb_verify = {
    "verify",
    "check every byte of a pack",
    {"PACK", NULL},
    {options, NULL},
    "Checks the structure of the pack and the checksum of its index, the hash\n"
    "and the SHA-256 of every stored body, and that every compressed variant\n"
    "decodes to the file that it stands for, but for deltas to files of "
    "earlier\n"
    "releases.  Prints a line for each fault.",
    "  edgestatic verify site.edgepack\n"
    "  # after a transfer, before it is put in place\n"
    "  edgestatic verify new.edgepack && mv new.edgepack site.edgepack",
    run};
