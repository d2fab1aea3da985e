/* check_fingerprint.c - names of build tools, and names that look like them.
 * SPDX-License-Identifier: MIT */
#include "core/fingerprint.h"
#include "util.h"

static void all(const char *const *names, size_t count, bool expected) {
  for (size_t i = 0; i < count; i++)
    ck_assert_msg(fingerprint_in_name(util_text(names[i])) == expected,
                  "%s: not %d", names[i], expected);
}

#define ALL(expected, ...)                                                     \
  do {                                                                         \
    static const char *const names[] = {__VA_ARGS__};                          \
    all(names, sizeof names / sizeof *names, (expected));                      \
  } while (0)

START_TEST(hugo) {
  ALL(true,
      "main.min.1c8e5ac6c7d1e5aa5e7ac4d0a5d9ec4e5b3f8a2b9b6d0c7f1e2d3c4b5a69788"
      "9.css",
      "style.d41d8cd98f00b204e9800998ecf8427e.css",
      "sunset_hu_59e56ffff1bc1d8d.jpg",
      "sunset_hu3d03a01dcc18bc5be0e67db3d8d209a6_1234_500x0_resize_q75_box."
      "jpg");
}
END_TEST

START_TEST(vite_and_rollup) {
  ALL(true, "index-BvI4qzlP.js", "index-BqsYrDDP.js", "vendor-D-_x3kA9.js",
      "index.DjbHuDxW.js", "logo-4a5b6c7d.svg", "style-Dk3pQz8m.css",
      "index-BvI4qzlP.js.map", "guide_index.md.BqsYrDDP.lean.js");
}
END_TEST

START_TEST(astro_nuxt_and_sveltekit) {
  ALL(true, "hoisted.D6yDMrPB.js", "index.Bq1zk7XQ.css", "Bk9xZ2Qw.js",
      "start.CcJ1A4a5.js");
}
END_TEST

START_TEST(webpack_and_create_react_app) {
  ALL(true, "main.073c9b0a.js", "787.28cb0dcd.chunk.js", "main.8e1f3d2a.css",
      "logo.6ce24c58023cc2f8fd88fe9d219db6c6.svg",
      "main.8e1f3d2a.js.LICENSE.txt", "runtime~main.1a2b3c4d.js",
      "1f391b9e.4ab1e5a7.js");
}
END_TEST

START_TEST(next_gatsby_and_angular) {
  ALL(true, "framework-64ad27b21261a9ce.js", "ef46db3751d8e999.css",
      "e4af272ccee01ff0-s.p.woff2", "app-1f4bb3f9a1c1d9c3a9d2.js",
      "main.1a2b3c4d5e6f7a8b.js");
}
END_TEST

START_TEST(esbuild) {
  ALL(true, "app-4QXH3LZB.js", "chunk-T5HQJ2KV.js", "main-4QXH3LZB.js",
      "chunk-XWLXMCJQ.js");
}
END_TEST

/* Names that these tools gave, or of their very shape. */
static const struct {
  const char *tool, *name;
  bool expected;
} real[] = {
    {"hugo fingerprint",
     "bundle.en.min."
     "0a4b7f2c9d8e1f3a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f901"
     "2345.js",
     true},
    {"hugo image", "featured_hu_8f14e45fceea167a.webp", true},
    {"hugo image, 0.126", "featured_hu15965284236523232158.webp", true},
    {"hugo image, 0.126",
     "sunset_hu13235715490294913361_1234_300x200_resize_q75.jpg", true},
    {"vite", "_plugin-vue_export-helper-DlAUqK2U.js", true},
    {"vite", "inter-latin-wght-normal-Dx4kXJAl.woff2", true},
    {"vite", "react-CHdo91hT.svg", true},
    {"astro", "about.astro_astro_type_script_index_0_lang.CEEkIqKr.js", true},
    {"astro", "_slug_.Df8Yp3Xz.css", true},
    {"webpack", "runtime.a3d47f3e1c2b5a69.js", true},
    {"webpack", "0.1a2b3c4d5e6f7a8b9c0d.chunk.css", true},
    {"esbuild, angular", "main-7ZPK2VPS.js", true},
    {"esbuild, angular", "polyfills-FFHMD2TL.js", true},
    {"next", "main-app-3701f0484f32bf65.js", true},
    {"next", "4bd1b696-100b9d70ed4e49c1.js", true},
    {"next", "23-0f2b5a1c8d3e4f60.js", true},
    {"next", "5c3b8a2f1e.css", true},
    {"date", "2024-01-15.json", false},
    {"date", "20240115-103000.png", false},
    {"date", "Screenshot_2024-01-15-10-30-00.png", false},
    {"date in a name like Hugo's", "hu20240115103000.png", false},
    {"version", "v1.2.3.js", false},
    {"version", "lodash-4.17.21.min.js", false},
    {"version", "release-v2024.11.22.zip", false},
    {"counter", "invoice-00012345.pdf", false},
    {"counter", "DSC_0001.jpg", false},
    {"size", "apple-touch-icon-180x180.png", false},
    {"word", "deadbeef.js", false},
    {"word", "component-Dropdown.js", false},
    {"word", "JetBrainsMono-Regular.woff2", false},
    {"word", "OpenSans-ExtraBold.woff2", false},
    {"UUID", "3f2504e0-4f89-41d3-9a0c-0305e82c3301.json", false}};

START_TEST(real_names) {
  for (size_t i = 0; i < sizeof real / sizeof *real; i++)
    ck_assert_msg(
        fingerprint_in_name(util_text(real[i].name)) == real[i].expected,
        "%s: %s: not %d", real[i].tool, real[i].name, real[i].expected);
}
END_TEST

START_TEST(django_rails_trunk_and_rustdoc) {
  ALL(true, "base.27e20196a850.css",
      "application-2b7b1a5d6c4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a.css",
      "app-1a2b3c4d5e6f7a8b_bg.wasm", "rustdoc-e935ef01.css",
      "FiraSans-Regular-0fe48ade.woff2",
      "SourceSerif4-Regular-6b053e98.ttf.woff2");
}
END_TEST

START_TEST(names_that_people_give_are_none) {
  ALL(false, "", ".", "a.js", "index.js", "jquery-3.7.1.min.js", "favicon.ico",
      "robots.txt", "main.min.css", "IMG_20240115_103000.jpg",
      "image-1024x768.jpg", "photo-e1612345678901.jpg", "wa0001.jpg",
      "20240115.jpg", "20240115a.jpg", "report-2024.pdf", "bootstrap.bundle.js",
      "1612345678.png", "0000000000.png", ".js", "-.js", ".chunk.js",
      "chunk.js", "min.min.js");
}
END_TEST

START_TEST(words_and_numbers_in_hex_letters_are_none) {
  ALL(false, "deadbeef.txt", "facade.jpg", "cafe2024.jpg", "face0001.png",
      "decade80.png", "2024cafe.png", "effaced.png", "abcdef12.js");
}
END_TEST

START_TEST(camel_case_is_none) {
  ALL(false, "view-Calendar.js", "view-DataView.js", "my-iPhone15.jpg",
      "doc-Chapter1.pdf", "a-Section3.svg", "x-HTMLView.js", "x-parseXML.js",
      "component.MainMenu.css", "DbDriver.js", "c14nTrim.js", "KmsKeyId.js",
      "x-Windows8.png", "x-navigate.js", "x-Utf8Text.js");
}
END_TEST

START_TEST(capitals_are_none) {
  ALL(false, "README-TEMPLATE.js", "IMG-CHAPTER2.js", "X-RELEASE7.js",
      "x-3DMODELS.png", "TEMPLATE.js", "x-T5HQJ2K1.js");
}
END_TEST

START_TEST(pages_and_names_without_extension_are_none) {
  ALL(false, "2024-01-15-post.html", "a1b2c3d4e5f60718.html", "x.8e1f3d2a.htm",
      "a1b2c3d4e5f60718", "main-8e1f3d2a", "CNAME");
}
END_TEST

START_TEST(a_uuid_is_none) {
  ALL(false, "3f2504e0-4f89-41d3-9a0c-0305e82c3301.jpg",
      "a-3f2504e0-4f89-41d3-9a0c-0305e82c3301.jpg");
  ALL(true, "xf2504e0-4f89-41d3-9a0c-0305e82c3301.jpg",
      "3f2504e0-4f89-41d3-9a0c.0305e82c3301.jpg");
}
END_TEST

START_TEST(base64_only_in_outputs_of_build_tools) {
  ALL(false, "index-BvI4qzlP.conf", "index-BvI4qzlP.txt", "indexBvI4qzlP.js",
      "index-BvI4qz+P.js");
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("fingerprint");
  tcase_add_test(tc, hugo);
  tcase_add_test(tc, vite_and_rollup);
  tcase_add_test(tc, astro_nuxt_and_sveltekit);
  tcase_add_test(tc, webpack_and_create_react_app);
  tcase_add_test(tc, next_gatsby_and_angular);
  tcase_add_test(tc, esbuild);
  tcase_add_test(tc, real_names);
  tcase_add_test(tc, django_rails_trunk_and_rustdoc);
  tcase_add_test(tc, names_that_people_give_are_none);
  tcase_add_test(tc, words_and_numbers_in_hex_letters_are_none);
  tcase_add_test(tc, camel_case_is_none);
  tcase_add_test(tc, capitals_are_none);
  tcase_add_test(tc, pages_and_names_without_extension_are_none);
  tcase_add_test(tc, a_uuid_is_none);
  tcase_add_test(tc, base64_only_in_outputs_of_build_tools);
  return util_run("fingerprint", tc);
}
