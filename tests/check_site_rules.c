/* check_site_rules.c - the table of site_rules_table.h: files to answers.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "edgestatic_rules.h"

#include "packing.h"

static const struct site_case {
  int dialect; /* enum edgestatic_dialect */
  const char *redirects, *headers, *how, *ask, *expect;
} table[] = {
#include "site_rules_table.h"
};

/* The next of the parts between "|"; false: none is left. */
static bool next_part(const char **rest, edgestatic_slice *part) {
  if (**rest == '\0')
    return false;
  size_t len = strcspn(*rest, "|");
  *part = (edgestatic_slice){*rest, len};
  *rest += len + ((*rest)[len] == '|');
  return true;
}

static bool is(edgestatic_slice part, const char *word) {
  return part.len == strlen(word) && memcmp(part.base, word, part.len) == 0;
}

/* A field of the request: "Cookie: a=1". */
static void add_field(edgestatic_request *request, edgestatic_slice part) {
  const char *colon = memchr(part.base, ':', part.len);
  ck_assert_msg(colon != NULL, "what is \"%.*s\"?", (int)part.len, part.base);
  size_t name = (size_t)(colon - part.base);
  int id = edgestatic_field_find((edgestatic_slice){part.base, name});
  ck_assert_int_ge(id, 0);
  request->field[id] = util_bytes(part.base + name + 2, part.len - name - 2);
}

static void read_how(const char *how, edgestatic_request *request) {
  edgestatic_slice part;
  while (next_part(&how, &part))
    if (is(part, "none"))
      options.html_handling = EDGESTATIC_HTML_NONE;
    else if (is(part, "drop"))
      options.html_handling = EDGESTATIC_HTML_DROP;
    else if (is(part, "force"))
      options.html_handling = EDGESTATIC_HTML_FORCE;
    else if (is(part, "spa"))
      options.not_found = EDGESTATIC_NOT_FOUND_SPA;
    else if (is(part, "no-404"))
      options.not_found = EDGESTATIC_NOT_FOUND_NONE;
    else if (is(part, "TLS"))
      request->flags |= EDGESTATIC_REQUEST_TLS;
    else if (is(part, "POST") || is(part, "HEAD"))
      request->method = util_bytes(part.base, part.len);
    else if (part.len == 10 && memcmp(part.base, "country ", 8) == 0)
      request->country = util_bytes(part.base + 8, 2);
    else
      add_field(request, part);
}

static void build(const struct site_case *c) {
  edgestatic_rules_options rules = EDGESTATIC_RULES_OPTIONS_INIT;
  static const char *const names[] = {
      "index.html",    "about.html",   "docs/index.html", "404.html",
      "docs/404.html", "gone.html",    "a.txt",           "b.txt",
      "app.js",        "caf\u00e9.txt"};
  new_builder();
  rules.dialect = c->dialect;
  /* What a dialect refuses or passes over is in the table too. */
  ck_assert_int_eq(edgestatic_builder_rules(builder, &rules), EDGESTATIC_OK);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    add(names[i], names[i]);
  add("_redirects", c->redirects);
  add("_headers", c->headers);
  finish();
}

/* "301 /location", "200 file" or "404". */
static const char *answer(void) {
  char *text = util_alloc(EDGESTATIC_TEXT_MAX + 16);
  const char *location = field("Location", NULL);
  const char *file = "";
  if (response.variant != EDGESTATIC_NONE)
    file = edgestatic_store_asset(store, response.asset).file.base;
  bool any = location[0] != '\0' || file[0] != '\0';
  sprintf(text, "%d%s%s%s", response.status, any ? " " : "", location, file);
  return text;
}

/* All lines of a field, joined as a recipient may (RFC 9110 section 5.3). */
static const char *joined(const char *name) {
  char *text = util_alloc(EDGESTATIC_TEXT_MAX);
  size_t len = 0;
  text[0] = '\0';
  for (uint32_t i = 0; i < response.field_count; i++) {
    edgestatic_field f = edgestatic_response_field(store, &response, i);
    if (strcmp(f.name.base, name) == 0)
      len += (size_t)sprintf(text + len, "%s%s", len ? ", " : "", f.value.base);
  }
  return text;
}

static void try_case(const struct site_case *c) {
  edgestatic_request request = {.method = LIT("GET"),
                                .target = util_text(c->ask)};
  const char *rest = c->expect;
  edgestatic_slice part = {"", 0};
  read_how(c->how, &request);
  build(c);
  edgestatic_respond(store, &request, &response);
  next_part(&rest, &part);
  const char *got = answer();
  ck_assert_msg(is(part, got), "%d \"%s\" \"%s\" %s (%s): %s, not %s",
                c->dialect, c->redirects, c->headers, c->ask, c->how, got,
                c->expect);
  while (next_part(&rest, &part)) {
    bool absent = part.base[0] == '!';
    size_t name =
        absent ? part.len - 1
               : (size_t)((const char *)memchr(part.base, ':', part.len) -
                          part.base);
    char *text = util_alloc(name + 1);
    memcpy(text, part.base + absent, name);
    text[name] = '\0';
    edgestatic_slice value = {"", 0};
    if (!absent)
      value = (edgestatic_slice){part.base + name + 2, part.len - name - 2};
    ck_assert_msg(is(value, joined(text)),
                  "%d \"%s\" \"%s\" %s (%s): %s is \"%s\", not as in %s",
                  c->dialect, c->redirects, c->headers, c->ask, c->how, text,
                  joined(text), c->expect);
  }
}

START_TEST(each_row_of_the_table) {
  try_case(&table[_i]);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("site_rules");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_loop_test(tc, each_row_of_the_table, 0,
                      (int)(sizeof table / sizeof *table));
  return util_run("site_rules", tc);
}
