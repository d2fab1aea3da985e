/* check_html.c - what is read in a page, and how much of a hostile one.
 * SPDX-License-Identifier: MIT */
#include "build/html.h"

#include "memtest.h"
#include "util.h"

static const edgestatic_allocator plain;
static struct html_page *page;

static void read_bytes(edgestatic_slice bytes) {
  html_free(page);
  page = html_read(&plain, bytes.base, bytes.len);
  ck_assert_ptr_nonnull(page);
}

static void read_text(const char *html) {
  read_bytes(util_text(html));
  ck_assert_int_eq(page->fault, HTML_READ);
}

static void teardown(void) {
  html_free(page);
  page = NULL;
}

static bool hashed(const struct html_hashes *h, const char *base64) {
  for (size_t i = 0; i < h->count; i++)
    if (memcmp(h->hash[i].base64, base64, HTML_HASH_LENGTH) == 0)
      return true;
  return false;
}

/* Those of `alert('Hello, world.');`, which CSP3 section 8.3 has as its
 * example, and of nothing. */
#define HELLO "alert('Hello, world.');"
#define HELLO_HASH "qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
#define EMPTY_HASH "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

START_TEST(an_inline_script_has_the_hash_of_its_text) {
  read_text("<script>" HELLO "</script>");
  ck_assert_uint_eq(page->scripts.count, 1);
  ck_assert(hashed(&page->scripts, HELLO_HASH));
  ck_assert_uint_eq(page->styles.count, 0);
}
END_TEST

START_TEST(the_same_script_twice_is_one_hash_and_hashes_are_sorted) {
  read_text("<script>2</script><script>1</script><script>2</script>"
            "<script>3</script>");
  ck_assert_uint_eq(page->scripts.count, 3);
  for (size_t i = 1; i < 3; i++)
    ck_assert_int_lt(memcmp(page->scripts.hash[i - 1].base64,
                            page->scripts.hash[i].base64, HTML_HASH_LENGTH),
                     0);
}
END_TEST

START_TEST(a_line_end_is_hashed_as_browsers_read_it) {
  read_text("<script>a\r\nb</script>");
  struct html_hash first = page->scripts.hash[0];
  read_text("<script>a\nb</script>");
  ck_assert_mem_eq(&first, page->scripts.hash, sizeof first);
}
END_TEST

START_TEST(data_blocks_need_no_hash) {
  static const char *const types[] = {"application/ld+json", "text/template",
                                      "x", "text/javascript; charset=utf-8"};
  char html[200];
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    snprintf(html, sizeof html, "<script type='%s'>1</script>", types[i]);
    read_text(html);
    ck_assert_msg(page->scripts.count == 0, "%s", types[i]);
  }
  read_text("<script language=vbscript>1</script>");
  ck_assert_uint_eq(page->scripts.count, 0);
}
END_TEST

START_TEST(whatever_browsers_run_or_map_by_needs_a_hash) {
  static const char *const attributes[] = {"type=module",
                                           "type=importmap",
                                           "type=''",
                                           "type=' Text/JavaScript '",
                                           "type=text/jscript",
                                           "type=speculationrules",
                                           "language=JavaScript",
                                           "nomodule",
                                           "async defer"};
  char html[200];
  for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
    snprintf(html, sizeof html, "<script %s>" HELLO "</script>", attributes[i]);
    read_text(html);
    ck_assert_msg(hashed(&page->scripts, HELLO_HASH), "%s", attributes[i]);
  }
}
END_TEST

static bool has_integrity(const char *text) {
  edgestatic_slice s = util_text(text);
  return html_has_integrity(s.base, s.len);
}

START_TEST(integrity_is_looked_for_at_every_place) {
  char text[40];
  for (int before = 0; before < 24; before++) {
    snprintf(text, sizeof text, "%.*sINTEGRity=", before,
             "integritintyyitgrieneiti");
    ck_assert_msg(has_integrity(text), "%s", text);
  }
  ck_assert(has_integrity("<link integrity \n\t= x>"));
  ck_assert(!has_integrity("<p>the integrity of this"));
  ck_assert(!has_integrity("integrity"));
  ck_assert(!has_integrity("ntegrity="));
  ck_assert(!has_integrity(""));
}
END_TEST

START_TEST(a_script_with_a_source_or_without_text_has_no_hash) {
  read_text("<script src=a.js>" HELLO "</script><script></script>");
  ck_assert_uint_eq(page->scripts.count, 0);
}
END_TEST

START_TEST(a_style_is_hashed_even_empty) {
  read_text("<style></style><style type=text/x>a</style>"
            "<style type=TEXT/CSS>" HELLO "</style>");
  ck_assert_uint_eq(page->styles.count, 2);
  ck_assert(hashed(&page->styles, EMPTY_HASH));
  ck_assert(hashed(&page->styles, HELLO_HASH));
}
END_TEST

START_TEST(code_in_svg_and_templates_counts_and_in_comments_does_not) {
  read_text("<svg><script>" HELLO "</script></svg>");
  ck_assert(hashed(&page->scripts, HELLO_HASH));
  read_text("<svg><style><![CDATA[" HELLO "]]></style></svg>");
  ck_assert(hashed(&page->styles, HELLO_HASH));
  read_text("<template><script>" HELLO "</script></template>");
  ck_assert(hashed(&page->scripts, HELLO_HASH));
  read_text("<!-- <script>1</script> --><textarea><script>1</script>"
            "</textarea>");
  ck_assert_uint_eq(page->scripts.count, 0);
}
END_TEST

START_TEST(code_in_attributes_is_found_with_its_place) {
  read_text("<p>\n <a onclick='x()' href=' JavaScript:y()' style='a:b' "
            "href2=x on>\n");
  ck_assert_uint_eq(page->attributes, 3);
  ck_assert_slice_eq(page->attribute[0].name, "onclick");
  ck_assert_uint_eq(page->attribute[0].place.line, 2);
  ck_assert_uint_eq(page->attribute[0].place.column, 5);
  ck_assert_slice_eq(page->attribute[1].name, "href");
  ck_assert_slice_eq(page->attribute[2].name, "style");
}
END_TEST

START_TEST(what_a_page_asks_for_is_kept_in_its_order) {
  read_text("<base href=/b/><base href=/c/><link rel='x STYLESHEET' href=a.css "
            "integrity=i media=print><script src='b.js'></script>\n"
            "<noscript><link rel=stylesheet href=n.css></noscript>"
            "<link rel=icon href=i><body><script type=module src=c.js "
            "crossorigin>");
  ck_assert_slice_eq(page->base, "/b/");
  ck_assert_uint_eq(page->resources, 4);
  const struct html_resource *r = page->resource;
  ck_assert_int_eq(r[0].kind, HTML_STYLESHEET);
  ck_assert(r[0].head);
  ck_assert_slice_eq(r[0].url, "a.css");
  ck_assert_slice_eq(r[0].integrity, "i");
  ck_assert_slice_eq(r[0].media, "print");
  ck_assert_int_eq(r[1].kind, HTML_SCRIPT);
  ck_assert_ptr_null(r[1].integrity.base);
  ck_assert(!r[2].head); /* of noscript */
  ck_assert_int_eq(r[3].kind, HTML_MODULE);
  ck_assert(!r[3].head);
  ck_assert_uint_eq(r[3].place.line, 2);
  ck_assert_uint_eq(r[3].crossorigin.len, 0);
  ck_assert_ptr_nonnull(r[3].crossorigin.base);
}
END_TEST

START_TEST(bytes_that_are_not_utf_8_are_told) {
  read_text("<p>\xc3\xa4");
  ck_assert(page->utf8);
  read_text("<p>\xe4");
  ck_assert(!page->utf8);
}
END_TEST

/* ---- Hostile pages ---- */

static edgestatic_slice repeat(const char *text, size_t times) {
  size_t len = strlen(text);
  char *p = util_alloc(len * times);
  for (size_t i = 0; i < times; i++)
    memcpy(p + i * len, text, len);
  return (edgestatic_slice){p, len * times};
}

START_TEST(a_page_over_the_limit_is_not_read) {
  read_bytes(repeat("x", HTML_PAGE_MAX));
  ck_assert_int_eq(page->fault, HTML_READ);
  read_bytes(repeat("x", HTML_PAGE_MAX + 1));
  ck_assert_int_eq(page->fault, HTML_TOO_LARGE);
}
END_TEST

START_TEST(depth_has_an_end) {
  read_bytes(repeat("<div>", 500));
  ck_assert_int_eq(page->fault, HTML_READ);
  read_bytes(repeat("<div>", 600));
  ck_assert_int_eq(page->fault, HTML_TOO_COMPLEX);
  read_bytes(repeat("<svg>", HTML_PAGE_MAX / 5));
  ck_assert_int_eq(page->fault, HTML_TOO_COMPLEX);
  read_bytes(repeat("<div><!--</div>-->", 10000));
  ck_assert_int_eq(page->fault, HTML_TOO_COMPLEX);
  read_bytes(repeat("<li>", 100000)); /* side by side */
  ck_assert_int_eq(page->fault, HTML_READ);
}
END_TEST

START_TEST(formatting_that_is_never_closed_does_not_fill_the_memory) {
  char html[20000], *p = html;
  for (int i = 0; i < 300; i++)
    p += sprintf(p, "<b a=%d>", i);
  edgestatic_slice paragraphs = repeat("<p>", 1000000);
  size_t len = (size_t)(p - html);
  char *all = util_alloc(len + paragraphs.len);
  memcpy(all, html, len);
  memcpy(all + len, paragraphs.base, paragraphs.len);
  read_bytes((edgestatic_slice){all, len + paragraphs.len});
  ck_assert_int_eq(page->fault, HTML_TOO_COMPLEX);
}
END_TEST

START_TEST(attributes_have_an_end) {
  size_t room = 3000 * 8 + 8;
  char *html = util_alloc(room), *p = html;
  p += sprintf(p, "<a");
  for (int i = 0; i < 3000; i++)
    p += sprintf(p, " a%d", i);
  *p++ = '>';
  read_bytes((edgestatic_slice){html, (size_t)(p - html)});
  ck_assert_int_eq(page->fault, HTML_TOO_COMPLEX);
}
END_TEST

START_TEST(any_bytes_are_a_page) {
  for (unsigned seed = 1; seed < 200; seed++) {
    static const char *const pieces[] = {
        "<",    ">",        "/",         "a",       "\"",
        "=",    "<script>", "</script>", "<table>", "<b>",
        "<p>",  "</b>",     "<svg>",     "<!--",    "<template>",
        "\xff", "&#0;",     "<select>",  "</",      "<![CDATA["};
    char html[4000];
    unsigned state = seed * 2654435761u;
    size_t len = 0;
    while (len < sizeof html - 20) {
      state = state * 1664525u + 1013904223u;
      const char *piece =
          pieces[(state >> 16) % (sizeof pieces / sizeof *pieces)];
      memcpy(html + len, piece, strlen(piece));
      len += strlen(piece);
    }
    read_bytes(util_bytes(html, len));
  }
}
END_TEST

static int read_some(const edgestatic_allocator *allocator, void *ctx) {
  edgestatic_slice html = *(const edgestatic_slice *)ctx;
  struct html_page *p = html_read(allocator, html.base, html.len);
  html_free(p);
  return p ? EDGESTATIC_OK : EDGESTATIC_ERR_MEMORY;
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  edgestatic_slice html =
      util_text("<base href=x><script>1</script><style>2</style>"
                "<a onclick=x><script src=a integrity=b></script>");
  memtest_fail_each(read_some, &html);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("html");
  tcase_add_checked_fixture(c, NULL, teardown);
  tcase_add_test(c, an_inline_script_has_the_hash_of_its_text);
  tcase_add_test(c, the_same_script_twice_is_one_hash_and_hashes_are_sorted);
  tcase_add_test(c, a_line_end_is_hashed_as_browsers_read_it);
  tcase_add_test(c, data_blocks_need_no_hash);
  tcase_add_test(c, whatever_browsers_run_or_map_by_needs_a_hash);
  tcase_add_test(c, a_script_with_a_source_or_without_text_has_no_hash);
  tcase_add_test(c, integrity_is_looked_for_at_every_place);
  tcase_add_test(c, a_style_is_hashed_even_empty);
  tcase_add_test(c, code_in_svg_and_templates_counts_and_in_comments_does_not);
  tcase_add_test(c, code_in_attributes_is_found_with_its_place);
  tcase_add_test(c, what_a_page_asks_for_is_kept_in_its_order);
  tcase_add_test(c, bytes_that_are_not_utf_8_are_told);
  tcase_add_test(c, a_page_over_the_limit_is_not_read);
  tcase_add_test(c, depth_has_an_end);
  tcase_add_test(c, formatting_that_is_never_closed_does_not_fill_the_memory);
  tcase_add_test(c, attributes_have_an_end);
  tcase_add_test(c, any_bytes_are_a_page);
  tcase_add_test(c, each_failing_allocation_is_an_error_without_a_leak);
  return util_run("html", c);
}
