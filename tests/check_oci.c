/* check_oci.c - image layouts: cli/publish/oci.c.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/publish/oci.h"

#include "util.h"

static struct oci oci;
static struct pieces component;

static void make(int64_t epoch) {
  edgestatic_slice bytes = util_text("a component");
  pieces_add(&component, bytes.base, bytes.len);
  json_t *worlds = json_pack("{s:[s]}", "exports", "wasi:http/handler");
  ck_assert_int_eq(oci_make(&oci, "site", &component, worlds, epoch), 0);
  json_decref(worlds);
}

static void end(void) {
  oci_free(&oci);
  pieces_free(&component);
}

static json_t *parse(const struct pieces *content) {
  char *text = util_alloc((size_t)content->size);
  pieces_copy(content, text);
  json_t *value = json_loadb(text, (size_t)content->size, 0, NULL);
  ck_assert_ptr_nonnull(value);
  return value;
}

/* The string at a path of members and array indices, "layers.0.digest". */
static const char *at(json_t *value, const char *path) {
  char word[64];
  while (*path) {
    size_t len = strcspn(path, ".");
    memcpy(word, path, len);
    word[len] = '\0';
    value = json_is_array(value) ? json_array_get(value, (size_t)atoi(word))
                                 : json_object_get(value, word);
    path += len + (path[len] == '.');
  }
  return json_string_value(value);
}

/* A descriptor names a blob by digest and size. */
static void ck_names(json_t *value, const char *path, int part) {
  char word[64];
  snprintf(word, sizeof word, "%s.digest", path);
  ck_assert_str_eq(at(value, word), oci.blob[part].digest);
}

START_TEST(a_digest_is_sha_256) {
  /* FIPS 180-4, the example of one block. */
  struct pieces content = {0};
  char digest[OCI_DIGEST_SIZE];
  pieces_add(&content, util_text("ab").base, 2);
  pieces_add(&content, util_text("c").base, 1);
  oci_digest(&content, digest);
  ck_assert_str_eq(digest,
                   "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177"
                   "a9cb410ff61f20015ad");
  pieces_free(&content);
}
END_TEST

START_TEST(every_blob_has_the_digest_of_its_content) {
  make(0);
  for (int i = 0; i < OCI_PARTS; i++) {
    char digest[OCI_DIGEST_SIZE];
    oci_digest(&oci.blob[i].content, digest);
    ck_assert_str_eq(digest, oci.blob[i].digest);
  }
  end();
}
END_TEST

START_TEST(the_image_is_a_layer_with_an_entrypoint) {
  make(0);
  json_t *manifest = parse(&oci.blob[OCI_MANIFEST].content);
  ck_names(manifest, "config", OCI_CONFIG);
  ck_names(manifest, "layers.0", OCI_LAYER);
  ck_assert_str_eq(at(manifest, "layers.0.mediaType"),
                   "application/vnd.oci.image.layer.v1.tar+gzip");
  json_t *config = parse(&oci.blob[OCI_CONFIG].content);
  ck_assert_str_eq(at(config, "config.Entrypoint.0"), "/site.wasm");
  ck_assert_str_eq(at(config, "os"), "wasi");
  ck_assert_str_eq(at(config, "architecture"), "wasm");
  /* The digest of the tar, not of its gzip. */
  const char *diff = at(config, "rootfs.diff_ids.0");
  ck_assert_int_eq(strncmp(diff, "sha256:", 7), 0);
  ck_assert_str_ne(diff, oci.blob[OCI_LAYER].digest);
  json_decref(manifest);
  json_decref(config);
  end();
}
END_TEST

START_TEST(the_artifact_is_the_component_itself) {
  make(0);
  json_t *manifest = parse(&oci.blob[OCI_WASM_MANIFEST].content);
  ck_names(manifest, "config", OCI_WASM_CONFIG);
  ck_names(manifest, "layers.0", OCI_WASM_LAYER);
  ck_assert_str_eq(at(manifest, "layers.0.mediaType"), "application/wasm");
  json_t *config = parse(&oci.blob[OCI_WASM_CONFIG].content);
  ck_assert_str_eq(at(config, "layerDigests.0"),
                   oci.blob[OCI_WASM_LAYER].digest);
  ck_assert_str_eq(at(config, "component.exports.0"), "wasi:http/handler");
  ck_assert_uint_eq(oci.blob[OCI_WASM_LAYER].content.size, component.size);
  json_decref(manifest);
  json_decref(config);
  end();
}
END_TEST

START_TEST(the_index_tags_both_apart) {
  make(0);
  json_t *index = parse(&oci.index);
  ck_names(index, "manifests.0", OCI_MANIFEST);
  ck_names(index, "manifests.1", OCI_WASM_MANIFEST);
  json_t *list = json_object_get(index, "manifests");
  static const char *const tag[] = {"latest", "artifact"};
  for (size_t i = 0; i < 2; i++) {
    json_t *notes = json_object_get(json_array_get(list, i), "annotations");
    ck_assert_str_eq(json_string_value(json_object_get(
                         notes, "org.opencontainers.image.ref.name")),
                     tag[i]);
  }
  json_decref(index);
  end();
}
END_TEST

START_TEST(the_time_is_the_one_given) {
  make(1000000000);
  json_t *config = parse(&oci.blob[OCI_CONFIG].content);
  ck_assert_str_eq(at(config, "created"), "2001-09-09T01:46:40Z");
  json_decref(config);
  end();
}
END_TEST

START_TEST(a_blob_lies_under_its_digits) {
  make(0);
  char *file = oci_file(&oci.blob[OCI_LAYER], "image/");
  ck_assert_int_eq(strncmp(file, "image/blobs/sha256/", 19), 0);
  ck_assert_str_eq(file + 19, oci.blob[OCI_LAYER].digest + 7);
  free(file);
  end();
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("oci");
  tcase_add_test(tc, a_digest_is_sha_256);
  tcase_add_test(tc, every_blob_has_the_digest_of_its_content);
  tcase_add_test(tc, the_image_is_a_layer_with_an_entrypoint);
  tcase_add_test(tc, the_artifact_is_the_component_itself);
  tcase_add_test(tc, the_index_tags_both_apart);
  tcase_add_test(tc, the_time_is_the_one_given);
  tcase_add_test(tc, a_blob_lies_under_its_digits);
  return util_run("oci", tc);
}
