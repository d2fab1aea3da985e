/* check_evidence.c - names that are hashed because those beside them are.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/evidence.h"

#include "build/glob.h"
#include "core/fingerprint.h"

#include "util.h"

static const edgestatic_allocator allocator;
static struct evidence evidence;

static void begin(void) {
  evidence = (struct evidence){.allocator = &allocator};
}

static void end(void) {
  evidence_free(&evidence);
}

static void learn_all(const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++)
    ck_assert_int_eq(evidence_add(&evidence, util_text(names[i])),
                     EDGESTATIC_OK);
  evidence_settle(&evidence);
}

#define LEARN(...)                                                             \
  do {                                                                         \
    static const char *const learnt[] = {__VA_ARGS__};                         \
    learn_all(learnt, sizeof learnt / sizeof *learnt);                         \
  } while (0)

/* By the rules for one name, or by those beside it. */
static bool is_hashed(const char *file) {
  slice s = util_text(file);
  return fingerprint_in_name(glob_last_segment(s)) ||
         evidence_has(&evidence, s);
}

static void all_are(const char *const *names, size_t count, bool expected) {
  for (size_t i = 0; i < count; i++)
    ck_assert_msg(is_hashed(names[i]) == expected, "%s: not %d", names[i],
                  expected);
}

#define ALL(expected, ...)                                                     \
  do {                                                                         \
    static const char *const of[] = {__VA_ARGS__};                             \
    all_are(of, sizeof of / sizeof *of, (expected));                           \
  } while (0)

/* What Vite 7 wrote of a small site. */
#define VITE                                                                   \
  "assets/About-DoDeQxnZ.js", "assets/Audio-DNqKGwig.js",                      \
      "assets/Cart-CqDDJft8.js", "assets/Chart-Dxo9igQg.js",                   \
      "assets/Export-0nnJxBUf.js", "assets/Home-Bl-MIiAl.js",                  \
      "assets/List-xILDhojK.js", "assets/Menu-BEUzOJLf.js",                    \
      "assets/Notes-OTjNnEnR.js", "assets/Users-EaTiwNMK.js",                  \
      "assets/Video-DHP-V8g2.js", "assets/index-dB65fI-1.js"

START_TEST(vite) {
  ck_assert(!is_hashed("assets/Chart-Dxo9igQg.js"));
  LEARN(VITE, "index.html", "favicon.svg");
  ALL(true, VITE, "assets/_className-Dbd6yjAa.js",
      "assets/CopyButton-BW41JOLq.js", "assets/Breadcrumbs-BYS-SAhh.js",
      "assets/Spinner.es-DhePrIt_.js", "assets/sqlite-DTjdwtnu.js",
      "assets/Chart-Dxo9igQg.js.map", "assets/Chart-Dxo9igQg.css");
}
END_TEST

/* What esbuild 0.27 wrote of it, with source maps. */
#define ESBUILD                                                                \
  "About-5RSQFVQ2.js", "Admin-5PS5BQ3X.js", "Board-HLTTWIAR.js",               \
      "Cart-JI56S3FJ.js", "Chart-U5BMOGVR.js", "Form-CPYNKS7Y.js",             \
      "Home-BBGTUBTJ.js", "List-DAQHIIV3.js", "Menu-ZZU32EOF.js",              \
      "Modal-VCAAA57Y.js", "Orders-BRY7GAXB.js", "Video-2THNUDIN.js",          \
      "chunk-2ADT4KFJ.js", "main-WDHMBUFN.js"

START_TEST(esbuild) {
  ck_assert(!is_hashed("Video-2THNUDIN.js"));
  LEARN(ESBUILD, "index.html");
  ALL(true, ESBUILD, "Video-2THNUDIN.js.map");
}
END_TEST

START_TEST(astro) {
  LEARN("_astro/about.Bq1zk7XQ.css", "_astro/hoisted.D6yDMrPB.js",
        "_astro/client.CEEkIqKr.js", "_astro/index.DcvAumJw.js");
  ALL(true, "_astro/index.DcvAumJw.js", "_astro/page.DHP-V8g2.js");
}
END_TEST

START_TEST(webpack) {
  LEARN("js/main.073c9b0a.js", "js/787.28cb0dcd.chunk.js",
        "js/12.abcdef12.chunk.js", "js/main.073c9b0a.js.LICENSE.txt");
  ALL(true, "js/12.abcdef12.chunk.js", "js/12.1234567f.js",
      "js/vue.49631014.js");
  ALL(false, "js/report.20240115.js", "js/a.deadbeef.js", "abcdef12.js",
      "js/a.00000012.js", "js/log.24121998.js", "js/photo.49631014.jpg");
}
END_TEST

START_TEST(nothing_is_learnt_of_words) {
  LEARN("icons/icon-DataView.svg", "icons/icon-MainMenu.svg",
        "icons/icon-Calendar.svg", "icons/icon-Windows8.svg",
        "docs/guide-Overview.js", "docs/guide-Tutorial.js",
        "docs/my-Chapter1.js", "docs/my-Chapter2.js", "docs/README-TEMPLATE.js",
        "docs/README-CHAPTER2.js");
  ALL(false, "icons/icon-DataView.svg", "icons/icon-McDonald.svg",
      "docs/guide-Overview.js", "docs/guide-JQueryUI.js",
      "docs/README-CHAPTER2.js");
}
END_TEST

START_TEST(words_beside_hashes_stay_words) {
  LEARN(VITE);
  ALL(false, "assets/view-Calendar.js", "assets/view-DataView.js",
      "assets/view-Lightbox.js", "assets/view-HTMLView.js",
      "assets/view-parseXML.js", "assets/doc-Chapter1.js",
      "assets/x-Utf8Text.js", "assets/a-navigate.js", "assets/a-my-thing.js",
      "assets/a-12345678.js");
}
END_TEST

START_TEST(another_shape_is_not_convinced) {
  LEARN(VITE);
  ALL(false, "Chart-Dxo9igQg.js", "assets/x/Chart-Dxo9igQg.js",
      "assets/Chart.Dxo9igQg.js", "assets/Dxo9igQg.js",
      "assets/Chart-Dxo9igQg.svg", "assets/Chart-Dxo9igQg.html",
      "assets/Video-2THNUDIN.js", "assets/a-DHP-V8g.js", "assets/Chart",
      "assets/Chart-Dxo9igQg.conf");
}
END_TEST

START_TEST(one_hash_convinces_nobody) {
  LEARN("a-BvI4qzlP.js", "a-BvI4qzlP.js.map", "b-Dxo9igQg.js");
  ALL(false, "b-Dxo9igQg.js");
}
END_TEST

START_TEST(half_the_files_convince_nobody) {
  LEARN("a-BvI4qzlP.js", "b-BqsYrDDP.js", "c-Calendar.js", "d-Dxo9igQg.js");
  ALL(false, "d-Dxo9igQg.js");
  ck_assert_int_eq(evidence_add(&evidence, LIT("x")), EDGESTATIC_OK);
}
END_TEST

START_TEST(most_of_the_files_do) {
  LEARN("a-BvI4qzlP.js", "b-BqsYrDDP.js", "d-Dxo9igQg.js");
  ALL(true, "d-Dxo9igQg.js");
}
END_TEST

START_TEST(uuids_are_no_evidence) {
  LEARN("3f2504e0-4f89-41d3-9a0c-0305e82c3301.jpg",
        "3f2504e0-4f89-41d3-9a0c-1305e82c3302.jpg",
        "3f2504e0-4f89-41d3-9a0c-2305e82c3303.jpg");
  ALL(false, "3f2504e0-4f89-41d3-9a0c-abcdefabcde1.jpg");
}
END_TEST

START_TEST(the_order_of_files_does_not_matter) {
  LEARN("b/d-Dxo9igQg.js", "a/x-BvI4qzlP.js", "b/a-BvI4qzlP.js",
        "a/y-Dxo9igQg.js", "b/b-BqsYrDDP.js", "ab/x-4QXH3LZB.js",
        "b/x-4a5b6c7d8e.png", "b/x-BqsYrDDP.png");
  ALL(true, "b/d-Dxo9igQg.js");
  ALL(false, "a/y-Dxo9igQg.js", "ab/y-Dxo9igQg.js");
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("evidence");
  tcase_add_checked_fixture(tc, begin, end);
  tcase_add_test(tc, vite);
  tcase_add_test(tc, esbuild);
  tcase_add_test(tc, astro);
  tcase_add_test(tc, webpack);
  tcase_add_test(tc, nothing_is_learnt_of_words);
  tcase_add_test(tc, words_beside_hashes_stay_words);
  tcase_add_test(tc, another_shape_is_not_convinced);
  tcase_add_test(tc, one_hash_convinces_nobody);
  tcase_add_test(tc, half_the_files_convince_nobody);
  tcase_add_test(tc, most_of_the_files_do);
  tcase_add_test(tc, uuids_are_no_evidence);
  tcase_add_test(tc, the_order_of_files_does_not_matter);
  return util_run("evidence", tc);
}
