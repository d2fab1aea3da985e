/* oci.h - an OCI image layout (image-spec 1.1): blobs by their SHA-256, and an
 * index of manifests.
 *
 * Two kinds of manifest for one component, since runtimes differ:
 *
 * "latest" is an ordinary image: one layer tar+gzip that holds /NAME.wasm,
 * which is the entrypoint; for containerd 1.6 and up with runwasi.
 *
 * "artifact" is the CNCF's Wasm artifact: the component itself is the layer;
 * for Spin, wkg and newer runtimes.
 *
 * Who pushes one of them leaves the other behind.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_OCI_H
#define PUBLISH_OCI_H

#include "pieces.h"

#include "../json.h"

#define OCI_DIGEST_SIZE 72 /* "sha256:", 64 digits, NUL */

struct oci_blob {
  char digest[OCI_DIGEST_SIZE];
  struct pieces content;
};

/* In the order in which they are to be written: a manifest follows what it
 * names. */
enum oci_part {
  OCI_LAYER,
  OCI_CONFIG,
  OCI_MANIFEST,
  OCI_WASM_LAYER,
  OCI_WASM_CONFIG,
  OCI_WASM_MANIFEST,
  OCI_PARTS
};

struct oci {
  struct oci_blob blob[OCI_PARTS];
  struct pieces index; /* index.json */
};

#define OCI_LAYOUT "{\"imageLayoutVersion\":\"1.0.0\"}"

/* Makes all of a component; it is borrowed.  epoch is the time of everything.
 * Returns 0, or -1 when there is no memory; oci_free in both cases. */
int oci_make(struct oci *oci, const char *name, const struct pieces *component,
             json_t *worlds, int64_t epoch);
void oci_free(struct oci *oci);

/* "image/blobs/sha256/..." of a blob, behind a prefix; the caller frees it. */
char *oci_file(const struct oci_blob *blob, const char *prefix);

/* "sha256:" and the digits of all bytes. */
void oci_digest(const struct pieces *content, char digest[OCI_DIGEST_SIZE]);

#endif
