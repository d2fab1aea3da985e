/* check_csp.c - hashes in a Content-Security-Policy.
 * SPDX-License-Identifier: MIT */
#include "build/csp.h"

#include "util.h"

static const edgestatic_allocator plain;
static struct html_hash one[] = {
    {"SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS"}};
static struct html_hash two[] = {
    {"TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT"}};

/* S and T in what is expected are the hashes. */
static void becomes(const char *policy, bool script, bool style,
                    const char *expected) {
  struct mem_arena strings = {&plain, NULL};
  struct html_page page = {.allocator = &plain};
  char text[2000], *to = text;
  slice value;
  if (script)
    page.scripts = (struct html_hashes){one, 1, 1};
  if (style)
    page.styles = (struct html_hashes){two, 1, 1};
  for (const char *p = expected; *p; p++)
    if (*p == 'S' || *p == 'T')
      to += sprintf(to, "'sha256-%.*s'", HTML_HASH_LENGTH,
                    *p == 'S' ? one->base64 : two->base64);
    else
      *to++ = *p;
  *to = '\0';
  ck_assert_int_eq(csp_value(util_text(policy), &page, &strings, &value),
                   EDGESTATIC_OK);
  ck_assert_slice_eq(value, text);
  mem_arena_free(&strings);
}

START_TEST(a_hash_goes_into_the_directive_for_elements) {
  becomes("script-src 'self'; script-src-elem a.example", true, false,
          "script-src 'self'; script-src-elem a.example S");
  becomes("script-src 'self'; style-src 'self'", true, true,
          "script-src 'self' S; style-src 'self' T");
  becomes("style-src-elem x:; script-src y:", true, true,
          "style-src-elem x: T; script-src y: S");
}
END_TEST

START_TEST(of_default_src_a_directive_is_made) {
  becomes("default-src 'self' https:; img-src *", true, false,
          "default-src 'self' https:; img-src *; script-src 'self' https: S");
  becomes("default-src 'none'", true, true,
          "default-src 'none'; script-src S; style-src T");
}
END_TEST

START_TEST(a_page_without_inline_code_has_the_policy_as_it_is) {
  becomes("default-src 'self'; script-src 'none'", false, false,
          "default-src 'self'; script-src 'none'");
}
END_TEST

START_TEST(none_goes_where_a_hash_comes) {
  becomes("script-src 'NONE'", true, false, "script-src S");
}
END_TEST

START_TEST(what_is_allowed_inline_gets_no_hash) {
  becomes("img-src *", true, true, "img-src *");
  becomes("script-src 'self' 'unsafe-inline'", true, false,
          "script-src 'self' 'unsafe-inline'");
  becomes("default-src 'unsafe-inline'", true, true,
          "default-src 'unsafe-inline'");
}
END_TEST

START_TEST(unsafe_inline_beside_a_nonce_or_hash_is_for_old_browsers) {
  becomes("script-src 'unsafe-inline' 'nonce-x'", true, false,
          "script-src 'unsafe-inline' 'nonce-x' S");
  becomes("script-src 'unsafe-inline' 'strict-dynamic'", true, false,
          "script-src 'unsafe-inline' 'strict-dynamic' S");
}
END_TEST

START_TEST(of_two_directives_of_a_name_the_first_counts) {
  becomes("script-srC a:; script-src b:", true, false,
          "script-srC a: S; script-src b:");
}
END_TEST

START_TEST(blanks_and_empty_directives_go) {
  becomes(" ; script-src\t a:   b: ;; ", true, false, "script-src a: b: S");
  becomes("upgrade-insecure-requests;", true, false,
          "upgrade-insecure-requests");
}
END_TEST

START_TEST(more_hashes_than_fit_are_an_error) {
  static struct html_hash many[200];
  struct mem_arena strings = {&plain, NULL};
  struct html_page page = {.scripts = {many, 200, 200}};
  slice value;
  memset(many, 'a', sizeof many);
  ck_assert_int_eq(csp_value(LIT("script-src x:"), &page, &strings, &value),
                   EDGESTATIC_ERR_LIMIT);
  mem_arena_free(&strings);
}
END_TEST

START_TEST(attributes_are_refused_unless_the_policy_cares_for_them) {
  ck_assert(csp_refuses_attributes(csp_policy(""), false));
  ck_assert(csp_refuses_attributes(csp_policy(""), true));
  ck_assert(!csp_refuses_attributes(LIT("img-src *"), true));
  ck_assert(!csp_refuses_attributes(
      LIT("default-src 'self'; style-src 'unsafe-inline'"), true));
  ck_assert(!csp_refuses_attributes(
      LIT("script-src 'self'; script-src-attr 'unsafe-hashes' 'sha256-x'"),
      false));
  ck_assert(csp_refuses_attributes(
      LIT("style-src 'unsafe-inline'; style-src-attr 'none'"), true));
}
END_TEST

int main(void) {
  TCase *c = tcase_create("csp");
  tcase_add_test(c, a_hash_goes_into_the_directive_for_elements);
  tcase_add_test(c, of_default_src_a_directive_is_made);
  tcase_add_test(c, a_page_without_inline_code_has_the_policy_as_it_is);
  tcase_add_test(c, none_goes_where_a_hash_comes);
  tcase_add_test(c, what_is_allowed_inline_gets_no_hash);
  tcase_add_test(c, unsafe_inline_beside_a_nonce_or_hash_is_for_old_browsers);
  tcase_add_test(c, of_two_directives_of_a_name_the_first_counts);
  tcase_add_test(c, blanks_and_empty_directives_go);
  tcase_add_test(c, more_hashes_than_fit_are_an_error);
  tcase_add_test(c, attributes_are_refused_unless_the_policy_cares_for_them);
  return util_run("csp", c);
}
