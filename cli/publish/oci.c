/* oci.c - see oci.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "oci.h"

#include "tarball.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IMAGE "application/vnd.oci.image."

void oci_digest(const struct pieces *content, char digest[OCI_DIGEST_SIZE]) {
  struct sha256_ctx sha;
  uint8_t hash[SHA256_DIGEST_SIZE];
  sha256_init(&sha);
  for (size_t i = 0; i < content->count; i++)
    sha256_update(&sha, content->piece[i].len, content->piece[i].base);
  sha256_digest(&sha, sizeof hash, hash);
  memcpy(digest, "sha256:", 7);
  for (size_t i = 0; i < sizeof hash; i++)
    snprintf(digest + 7 + 2 * i, 3, "%02x", hash[i]);
}

char *oci_file(const struct oci_blob *blob, const char *prefix) {
  char *file = NULL;
  return asprintf(&file, "%sblobs/sha256/%s", prefix, blob->digest + 7) >= 0
             ? file
             : NULL;
}

/* RFC 3339, as image-spec wants it. */
static void created(char text[32], int64_t epoch) {
  struct tm tm;
  time_t t = (time_t)epoch;
  if (!gmtime_r(&t, &tm) || strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
    strcpy(text, "1970-01-01T00:00:00Z");
}

/* Takes the reference; NULL is no memory. */
static void put_json(struct pieces *content, json_t *value) {
  char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
  json_decref(value);
  if (text)
    pieces_own(content, text, strlen(text));
  else
    content->failed = true;
}

static json_t *descriptor(const struct oci_blob *blob, const char *type) {
  return json_pack("{s:s, s:s, s:I}", "mediaType", type, "digest", blob->digest,
                   "size", (json_int_t)blob->content.size);
}

static json_t *manifest(json_t *config, json_t *layer) {
  return json_pack("{s:i, s:s, s:o, s:[o]}", "schemaVersion", 2, "mediaType",
                   IMAGE "manifest.v1+json", "config", config, "layers", layer);
}

static void finish(struct oci_blob *blob, json_t *value) {
  put_json(&blob->content, value);
  oci_digest(&blob->content, blob->digest);
}

/* One file in a tar: its gzip is the layer.  diff gets the digest of the tar,
 * which the configuration has to name. */
static int make_layer(struct oci_blob *layer, const char *file,
                      const struct pieces *component, int64_t epoch,
                      char diff[OCI_DIGEST_SIZE]) {
  /* Runtimes want an entrypoint that may be run. */
  const struct tarball_entry entry = {file, component, 0755};
  unsigned char *tar = NULL, *gzip = NULL;
  size_t tar_len = 0, gzip_len = 0;
  if (tarball_make(&entry, 1, epoch, &tar, &tar_len) != 0)
    return -1;
  struct pieces whole = {0};
  pieces_add(&whole, tar, tar_len);
  oci_digest(&whole, diff);
  bool failed =
      whole.failed || tarball_gzip(tar, tar_len, &gzip, &gzip_len) != 0;
  pieces_free(&whole);
  free(tar);
  if (failed)
    return -1;
  pieces_own(&layer->content, gzip, gzip_len);
  oci_digest(&layer->content, layer->digest);
  return 0;
}

static int make_image(struct oci *oci, const char *name,
                      const struct pieces *component, int64_t epoch,
                      const char *time_text) {
  char file[128], entrypoint[130], diff[OCI_DIGEST_SIZE];
  snprintf(file, sizeof file, "%s.wasm", name);
  snprintf(entrypoint, sizeof entrypoint, "/%s", file);
  if (make_layer(&oci->blob[OCI_LAYER], file, component, epoch, diff) != 0)
    return -1;
  finish(&oci->blob[OCI_CONFIG],
         json_pack("{s:s, s:s, s:s, s:{s:[s]}, s:{s:s, s:[s]}}", "created",
                   time_text, "architecture", "wasm", "os", "wasi", "config",
                   "Entrypoint", entrypoint, "rootfs", "type", "layers",
                   "diff_ids", diff));
  finish(
      &oci->blob[OCI_MANIFEST],
      manifest(descriptor(&oci->blob[OCI_CONFIG], IMAGE "config.v1+json"),
               descriptor(&oci->blob[OCI_LAYER], IMAGE "layer.v1.tar+gzip")));
  return 0;
}

/* tag-runtime.cncf.io, "Wasm OCI artifact layout". */
static void make_artifact(struct oci *oci, const struct pieces *component,
                          json_t *worlds, const char *time_text) {
  struct oci_blob *layer = &oci->blob[OCI_WASM_LAYER];
  pieces_append(&layer->content, component);
  oci_digest(&layer->content, layer->digest);
  finish(&oci->blob[OCI_WASM_CONFIG],
         json_pack("{s:s, s:s, s:s, s:[s], s:O}", "created", time_text,
                   "architecture", "wasm", "os", "wasip2", "layerDigests",
                   layer->digest, "component", worlds));
  finish(&oci->blob[OCI_WASM_MANIFEST],
         manifest(descriptor(&oci->blob[OCI_WASM_CONFIG],
                             "application/vnd.wasm.config.v0+json"),
                  descriptor(layer, "application/wasm")));
}

static json_t *entry(const struct oci_blob *blob, const char *os,
                     const char *tag) {
  json_t *value = descriptor(blob, IMAGE "manifest.v1+json");
  if (value) {
    json_object_set_new(
        value, "platform",
        json_pack("{s:s, s:s}", "architecture", "wasm", "os", os));
    json_object_set_new(
        value, "annotations",
        json_pack("{s:s}", "org.opencontainers.image.ref.name", tag));
  }
  return value;
}

int oci_make(struct oci *oci, const char *name, const struct pieces *component,
             json_t *worlds, int64_t epoch) {
  memset(oci, 0, sizeof *oci);
  char time_text[32];
  created(time_text, epoch);
  if (make_image(oci, name, component, epoch, time_text) != 0)
    return -1;
  make_artifact(oci, component, worlds, time_text);
  put_json(
      &oci->index,
      json_pack("{s:i, s:s, s:[o, o]}", "schemaVersion", 2, "mediaType",
                IMAGE "index.v1+json", "manifests",
                entry(&oci->blob[OCI_MANIFEST], "wasi", "latest"),
                entry(&oci->blob[OCI_WASM_MANIFEST], "wasip2", "artifact")));
  bool failed = oci->index.failed;
  for (int i = 0; i < OCI_PARTS; i++)
    failed |= oci->blob[i].content.failed;
  return failed ? -1 : 0;
}

void oci_free(struct oci *oci) {
  for (int i = 0; i < OCI_PARTS; i++)
    pieces_free(&oci->blob[i].content);
  pieces_free(&oci->index);
}
