/* explain.c - `edgestatic explain`: why a request is answered as it is.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "args.h"
#include "packfile.h"
#include "request.h"
#include "say.h"
#include "term.h"
#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every variant is refused (RFC 9110 section 15.5.7); the others are of the
 * variant that was chosen, too. */
enum {
  NOT_ACCEPTABLE = 406,
  PRECONDITION_FAILED = 412,
  RANGE_NOT_SATISFIABLE = 416
};

/* An error page, and a text in its place. */
static bool is_error(int status) {
  return status >= 400 && status != NOT_ACCEPTABLE &&
         status != PRECONDITION_FAILED && status != RANGE_NOT_SATISFIABLE;
}

static void title(const char *name) {
  printf("%s%-9s%s ", term_style(stdout, TERM_BOLD), name,
         term_style(stdout, TERM_PLAIN));
}

/* Above a table. */
static void heading(const char *name) {
  printf("%s%s%s\n", term_style(stdout, TERM_BOLD), name,
         term_style(stdout, TERM_PLAIN));
}

static const char *route_text(uint32_t route) {
  switch (route) {
#define EDGESTATIC_X(id, text)                                                 \
  case EDGESTATIC_ROUTE_##id:                                                  \
    return text;
    EDGESTATIC_ROUTES(EDGESTATIC_X)
#undef EDGESTATIC_X
  default:
    return "";
  }
}

static void explain_request(const edgestatic_request *request) {
  title("request");
  term_print_slice(stdout, request->method);
  putchar(' ');
  term_print_slice(stdout, request->target);
  putchar('\n');
  for (int id = 0; id < EDGESTATIC_FIELD_COUNT; id++)
    if (request->field[id].base) {
      title("");
      term_print_slice(stdout, edgestatic_field_name(id));
      fputs(": ", stdout);
      term_print_slice(stdout, request->field[id]);
      putchar('\n');
    }
}

/* Netlify's rule: a file wins over a rule that is not forced. */
static void explain_hidden(const edgestatic_store *store,
                           const edgestatic_request *request) {
  uint32_t rule = edgestatic_hidden_rule(store, request);
  if (rule == EDGESTATIC_NONE)
    return;
  title("hidden");
  term_print_slice(stdout, edgestatic_store_rule(store, rule));
  puts(" is for this path too, and the file wins;");
  title("");
  puts("\"!\" behind the status of that line would force it");
}

static void explain_status(const edgestatic_store *store,
                           const edgestatic_request *request,
                           const edgestatic_response *response) {
  title("route");
  printf("%s\n", route_text(response->route));
  if (response->rule != EDGESTATIC_NONE) {
    title("rule");
    term_print_slice(stdout, edgestatic_store_rule(store, response->rule));
    putchar('\n');
  }
  explain_hidden(store, request);
  title("status");
  printf("%d %s", response->status, edgestatic_reason(response->status));
  if (response->decided_by >= 0) {
    fputs(", because of ", stdout);
    term_print_slice(stdout, edgestatic_field_name(response->decided_by));
    fputs(": ", stdout);
    term_print_slice(stdout, request->field[response->decided_by]);
  }
  putchar('\n');
}

static void explain_asset(const edgestatic_store *store,
                          const edgestatic_response *response) {
  if (response->asset == EDGESTATIC_NONE)
    return;
  edgestatic_asset asset = edgestatic_store_asset(store, response->asset);
  title("asset");
  if (response->route == EDGESTATIC_ROUTE_NOT_FOUND_PAGE)
    fputs("the 404 page of ", stdout); /* it has no path of its own */
  term_print_slice(stdout, asset.path);
  fputs("\n", stdout);
  title("");
  fputs("from the file ", stdout);
  term_print_slice(stdout, asset.file);
  fputs(", ", stdout);
  term_print_slice(stdout, asset.type);
  putchar('\n');
  char time[TERM_TIME_MAX];
  if (asset.retained_until) {
    title("");
    printf("kept from an earlier release until %s\n",
           term_time(time, asset.retained_until));
  }
}

/* Why one variant was sent, or not, beside the one that was. */
static const char *reason(const edgestatic_variant *variant, int weight,
                          const edgestatic_variant *chosen, int chosen_weight,
                          bool is_chosen, bool asked) {
  if (is_chosen)
    return asked ? "chosen: the smallest of those that weigh most"
                 : "chosen: there is no Accept-Encoding";
  if (weight == 0)
    return asked ? "refused by Accept-Encoding" : "not asked for";
  if (weight < chosen_weight)
    return "weighs less";
  return variant->size > chosen->size ? "larger" : "no smaller";
}

/* The same of a delta, against what the request says that it holds. */
static const char *delta_reason(const edgestatic_request *request,
                                const edgestatic_dictionary *dictionary,
                                int weight, bool is_chosen, bool with_error) {
  edgestatic_slice held = request->field[EDGESTATIC_FIELD_AVAILABLE_DICTIONARY];
  unsigned char sha256[32];
  if (is_chosen)
    return "chosen: the client holds it";
  if (with_error)
    return "never sent with an error";
  if (!held.base)
    return "there is no Available-Dictionary";
  if (!edgestatic_available_dictionary(held, sha256))
    return "Available-Dictionary is malformed";
  if (memcmp(sha256, dictionary->sha256, sizeof sha256) != 0)
    return "Available-Dictionary names other bytes";
  return weight == 0 ? "Accept-Encoding does not ask for it"
                     : "another one weighs more or is smaller";
}

/* "to /app.js: why". */
static void add_delta(struct term_table *table, edgestatic_slice name,
                      const char *why) {
  char *text; /* a forged pack may have any name */
  int len = asprintf(&text, "to %.*s: %s", (int)name.len, name.base, why);
  if (len < 0) {
    table->failed = true;
    return;
  }
  term_table_add_slice(table, (edgestatic_slice){text, (size_t)len});
  free(text);
}

static int explain_variants(const edgestatic_store *store,
                            const edgestatic_request *request,
                            const edgestatic_response *response) {
  bool any = response->variant != EDGESTATIC_NONE;
  if (response->asset == EDGESTATIC_NONE ||
      (!any && response->status != NOT_ACCEPTABLE))
    return 0; /* a redirect, or the method alone decided */
  edgestatic_asset asset = edgestatic_store_asset(store, response->asset);
  edgestatic_slice accept = request->field[EDGESTATIC_FIELD_ACCEPT_ENCODING];
  edgestatic_variant chosen = {0};
  if (any)
    chosen = edgestatic_store_variant(store, response->variant);
  int chosen_weight = edgestatic_coding_weight(accept, (int)chosen.coding);

  heading("variants");
  struct term_table table;
  term_table_init(&table, "lrrl");
  const char *const head[] = {"coding", "weight", "size", "why"};
  for (int i = 0; i < 4; i++)
    term_table_add(&table, head[i]);
  for (uint32_t i = 0; i < asset.variant_count; i++) {
    uint32_t number = asset.variant + i;
    edgestatic_variant variant = edgestatic_store_variant(store, number);
    edgestatic_slice name = edgestatic_coding_name((int)variant.coding);
    if (!name.base)
      continue;
    int weight = edgestatic_coding_weight(accept, (int)variant.coding);
    char text[TERM_SIZE_MAX];
    term_table_add_slice(&table, name);
    snprintf(text, sizeof text, "%.3f", weight / 1000.0);
    term_table_add(&table, text);
    term_table_add(&table, term_size(text, variant.size));
    if (variant.dictionary) {
      edgestatic_dictionary dictionary =
          edgestatic_store_dictionary(store, variant.dictionary - 1);
      add_delta(&table, dictionary.name,
                delta_reason(request, &dictionary, weight,
                             number == response->variant,
                             is_error(response->status)));
      continue;
    }
    term_table_add(&table,
                   reason(&variant, weight, &chosen, chosen_weight,
                          number == response->variant, accept.base != NULL));
  }
  return term_table_print(&table, stdout, 2);
}

/* What set a field.  The line of a redirect is what its Location comes from. */
static edgestatic_slice set_by(const edgestatic_store *store,
                               const edgestatic_response *response,
                               const edgestatic_field *field) {
  static const edgestatic_slice location = EDGESTATIC_LITERAL("Location");
  if (response->route == EDGESTATIC_ROUTE_RULE &&
      response->rule != EDGESTATIC_NONE && field->name.len == location.len &&
      memcmp(field->name.base, location.base, location.len) == 0)
    return edgestatic_store_rule(store, response->rule);
  return field->origin;
}

static int explain_fields(const edgestatic_store *store,
                          const edgestatic_response *response) {
  heading("fields");
  struct term_table table;
  term_table_init(&table, "lll");
  const char *const head[] = {"name", "set by", "value"};
  for (int i = 0; i < 3; i++)
    term_table_add(&table, head[i]);
  for (uint32_t i = 0; i < response->field_count; i++) {
    edgestatic_field field = edgestatic_response_field(store, response, i);
    term_table_add_slice(&table, field.name);
    term_table_add_slice(&table, set_by(store, response, &field));
    term_table_add_slice(&table, field.value);
  }
  return term_table_print(&table, stdout, 2);
}

static int explain(const edgestatic_store *store,
                   const edgestatic_request *request) {
  edgestatic_response response;
  edgestatic_respond(store, request, &response);
  explain_request(request);
  explain_status(store, request, &response);
  explain_asset(store, &response);
  int failed = explain_variants(store, request, &response);
  if (!failed)
    failed = explain_fields(store, &response);
  title("content");
  char size[TERM_SIZE_MAX];
  uint32_t segments = response.segment_count;
  if (segments == 0)
    puts("none is sent");
  else
    printf("%s in %u %s\n", term_size(size, response.content_length), segments,
           segments == 1 ? "piece" : "pieces");
  if (failed)
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  return failed ? CLI_INPUT : CLI_OK;
}

static int run(struct args *args) {
  struct request request;
  int status = request_parse(&request, args);
  if (status == 0) {
    edgestatic_pack *pack = packfile_open(args->operand[0]);
    status =
        pack ? explain(edgestatic_pack_store(pack), &request.core) : CLI_INPUT;
    edgestatic_pack_unref(pack);
  }
  request_free(&request);
  return status < 0 ? args->exit : status;
}

const struct verb verb_explain = {
    "explain",
    "say why a request is answered as it is",
    {"PACK", "TARGET", NULL},
    {request_option_table, NULL},
    "Prints which asset TARGET leads to and by which route, the line of\n"
    "_redirects that decided (or would, if no file had the path), the weight\n"
    "and size of each variant and why it is sent or not, the precondition or\n"
    "range that decided the status, and which rule set each field.",
    "  edgestatic explain site.edgepack /about.html\n"
    "  edgestatic explain site.edgepack /app.js -H 'Accept-Encoding: "
    "br;q=0.5'\n"
    "  edgestatic explain site.edgepack /nowhere -H 'Sec-Fetch-Mode: navigate'",
    run};
