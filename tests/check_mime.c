/* check_mime.c - Content-Type by name and bytes.
 * SPDX-License-Identifier: MIT */
#include "build/mime.h"

#include "util.h"

#include <stdio.h>

static void is_type(const char *file, const char *type) {
  slice s = mime_type(util_text(file));
  ck_assert_msg(slice_eq(s, slice_of(type, strlen(type))), "%s: %.*s, not %s",
                file, (int)s.len, s.base, type);
}

START_TEST(the_extensions_of_the_web_have_their_registered_types) {
  static const char *const types[][2] = {
      {"html", "text/html"},
      {"htm", "text/html"},
      {"xhtml", "application/xhtml+xml"},
      {"css", "text/css"},
      {"js", "text/javascript"},
      {"mjs", "text/javascript"},
      {"json", "application/json"},
      {"map", "application/json"},
      {"webmanifest", "application/manifest+json"},
      {"wasm", "application/wasm"},
      {"txt", "text/plain"},
      {"md", "text/markdown"},
      {"csv", "text/csv"},
      {"xml", "application/xml"},
      {"rss", "application/rss+xml"},
      {"atom", "application/atom+xml"},
      {"svg", "image/svg+xml"},
      {"png", "image/png"},
      {"jpg", "image/jpeg"},
      {"jpeg", "image/jpeg"},
      {"gif", "image/gif"},
      {"webp", "image/webp"},
      {"avif", "image/avif"},
      {"ico", "image/vnd.microsoft.icon"},
      {"woff", "font/woff"},
      {"woff2", "font/woff2"},
      {"ttf", "font/ttf"},
      {"otf", "font/otf"},
      {"mp3", "audio/mpeg"},
      {"m4a", "audio/mp4"},
      {"wav", "audio/wav"},
      {"flac", "audio/flac"},
      {"ogg", "audio/ogg"},
      {"mp4", "video/mp4"},
      {"webm", "video/webm"},
      {"pdf", "application/pdf"},
      {"zip", "application/zip"},
      {"gz", "application/gzip"},
      {"tgz", "application/gzip"},
      {"zst", "application/zstd"},
      {"ics", "text/calendar"},
      {"vtt", "text/vtt"},
      /* Segments of HLS.  TypeScript has the name too, but no browser runs
       * it, and no type is registered for it. */
      {"ts", "video/mp2t"},
  };
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    char file[64];
    snprintf(file, sizeof file, "a/b.%s", types[i][0]);
    is_type(file, types[i][1]);
  }
}
END_TEST

START_TEST(letter_case_does_not_matter) {
  is_type("A.JPG", "image/jpeg");
  is_type("a.HtMl", "text/html");
}
END_TEST

START_TEST(the_last_extension_of_the_last_segment_counts) {
  is_type("a.html.gz", "application/gzip");
  is_type("a.tar.gz", "application/gzip");
  is_type("a.css/b.js", "text/javascript");
  is_type("a.css/b", "application/octet-stream");
}
END_TEST

START_TEST(without_a_known_extension_it_is_octet_stream) {
  static const char *const names[] = {"",
                                      "README",
                                      "a.",
                                      ".html",
                                      "a/.css",
                                      "a.unknown",
                                      "a.a-very-long-extension-indeed",
                                      "a.\xc3\xa9",
                                      "a/"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    is_type(names[i], "application/octet-stream");
}
END_TEST

START_TEST(the_table_is_sorted_and_well_formed) {
  for (size_t i = 0; i < mime_table_count; i++) {
    const struct mime_row *row = &mime_table[i];
    ck_assert_int_eq(row->extension[MIME_EXTENSION_ROOM - 1], 0);
    if (i > 0)
      ck_assert_int_lt(
          memcmp(row[-1].extension, row->extension, MIME_EXTENSION_ROOM), 0);
    const char *charset = row->charset ? "; charset=utf-8" : "";
    ck_assert_str_eq(row->type + row->length, charset);
    ck_assert_ptr_nonnull(memchr(row->type, '/', row->length));
    for (const char *c = row->extension; *c != 0; c++)
      ck_assert_int_eq(*c, lower(*c));
    char file[MIME_EXTENSION_ROOM + 2];
    snprintf(file, sizeof file, "a.%s", row->extension);
    slice type = mime_type(slice_of(file, strlen(file)));
    ck_assert_ptr_eq(type.base, row->type);
    ck_assert_uint_eq(type.len, row->length);
  }
  ck_assert_uint_gt(mime_table_count, 1000);
}
END_TEST

static void is_value(const char *file, slice bytes, const char *value) {
  slice s = mime_type_for(util_text(file), bytes.base, bytes.len);
  ck_assert_msg(slice_eq(s, slice_of(value, strlen(value))), "%s: %.*s, not %s",
                file, (int)s.len, s.base, value);
}

START_TEST(text_in_utf_8_is_said_to_be) {
  slice text = util_text("<p>caf\xc3\xa9");
  is_value("a.html", text, "text/html; charset=utf-8");
  is_value("a.css", text, "text/css; charset=utf-8");
  is_value("a.js", text, "text/javascript; charset=utf-8");
  is_value("a.txt", util_text(""), "text/plain; charset=utf-8");
  is_value("a.txt", util_text("ascii\f"), "text/plain; charset=utf-8");
  is_value("a.svg", text, "image/svg+xml; charset=utf-8");
  is_value("a.xml", text, "application/xml; charset=utf-8");
  is_value("a.rss", text, "application/rss+xml; charset=utf-8");
  is_value("a.html", util_text("\xef\xbb\xbf<p>"), "text/html; charset=utf-8");
  slice nothing = {NULL, 0};
  is_value("a.html", nothing, "text/html; charset=utf-8");
}
END_TEST

START_TEST(text_in_another_charset_speaks_for_itself) {
  is_value("a.html", util_text("<meta charset=iso-8859-1>caf\xe9"),
           "text/html");
  is_value("a.html", util_text("\x83\x65\x83\x58\x83\x67"), "text/html");
  /* UTF-16 with and without a byte order mark. */
  is_value("a.txt", util_bytes("\xff\xfe\x61\0", 4), "text/plain");
  is_value("a.txt", util_bytes("\xfe\xff\0\x61", 4), "text/plain");
  is_value("a.txt", util_bytes("a\0b\0", 4), "text/plain");
  /* ISO-2022-JP has seven bits. */
  is_value("a.html", util_text("\x1b$B%F%9%H\x1b(B"), "text/html");
}
END_TEST

START_TEST(types_without_the_parameter_do_not_get_it) {
  is_value("a.json", util_text("{}"), "application/json");
  is_value("a.webmanifest", util_text("{}"), "application/manifest+json");
  is_value("a.png", util_text("ascii"), "image/png");
  is_value("a", util_text("ascii"), "application/octet-stream");
  is_value("a.wasm", util_text(""), "application/wasm");
}
END_TEST

START_TEST(pages_are_html_and_xhtml) {
  ck_assert(mime_is_page(util_text("text/html")));
  ck_assert(mime_is_page(util_text("Text/HTML ;charset=utf-8")));
  ck_assert(mime_is_page(util_text("application/xhtml+xml; a=b; c=d")));
  ck_assert(!mime_is_page(util_text("text/htmlx")));
  ck_assert(!mime_is_page(util_text("text/plain; x=text/html")));
  ck_assert(!mime_is_page(util_text("")));
}
END_TEST

int main(void) {
  TCase *c = tcase_create("mime");
  tcase_add_test(c, the_extensions_of_the_web_have_their_registered_types);
  tcase_add_test(c, letter_case_does_not_matter);
  tcase_add_test(c, the_last_extension_of_the_last_segment_counts);
  tcase_add_test(c, without_a_known_extension_it_is_octet_stream);
  tcase_add_test(c, the_table_is_sorted_and_well_formed);
  tcase_add_test(c, text_in_utf_8_is_said_to_be);
  tcase_add_test(c, text_in_another_charset_speaks_for_itself);
  tcase_add_test(c, types_without_the_parameter_do_not_get_it);
  tcase_add_test(c, pages_are_html_and_xhtml);
  return util_run("mime", c);
}
