/* diff.c - `edgestatic diff`: what is other in a pack than in one before it,
 * and what a cache in front of the site has to forget.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "args.h"
#include "edgestatic_site.h"
#include "json.h"
#include "packfile.h"
#include "purgelist.h"
#include "say.h"
#include "term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_PURGE = OPTION_LONG, OPTION_BASE_URL, OPTION_JSON };

static const struct option_spec options[] = {
    {OPTION_PURGE, "purge", "CACHE",
     "print what a cache has to forget, a line each:\n"
     "plain, fastly, cloudflare or cloudfront"},
    {OPTION_BASE_URL, "base-url", "URL",
     "where the site is: https://example.com"},
    {OPTION_JSON, "json", NULL, "print JSON"},
    {0, NULL, NULL, NULL},
};

/* What CloudFront takes at a time, as its guide has it (Concurrent
 * invalidation request maximum, read in November 2026). */
#define CLOUDFRONT_PATHS_MAX 3000
#define CLOUDFRONT_WILDCARDS_MAX 15

static const struct {
  const char *name, *one, *more; /* behind a number */
} kinds[] = {
    [EDGESTATIC_CHANGE_ADDED] = {"added", "added", "added"},
    [EDGESTATIC_CHANGE_REMOVED] = {"removed", "removed", "removed"},
    [EDGESTATIC_CHANGE_KEPT] = {"kept", "kept for a while", "kept for a while"},
    [EDGESTATIC_CHANGE_CONTENT] = {"content", "with other content",
                                   "with other content"},
    [EDGESTATIC_CHANGE_FIELDS] = {"fields", "with other fields",
                                  "with other fields"},
    [EDGESTATIC_CHANGE_RULE] = {"rule", "by a rule", "by rules"},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

struct settings {
  bool json, purge;
  char *base; /* the argument's own bytes */
  struct purgelist list;
};

struct changes {
  struct term_table table;
  json_t *array; /* NULL: the table is wanted */
  bool failed;   /* no memory for one of its elements */
  size_t count[KINDS];
  uint64_t before, after, best_before, best_after;
};

static void add_size(struct term_table *table, uint64_t bytes, bool any) {
  char size[TERM_SIZE_MAX];
  term_table_add(table, any ? term_size(size, bytes) : "-");
}

/* Only above what is other. */
static void add_head(struct term_table *table) {
  static const char *const head[] = {"change",      "before",     "after",
                                     "sent before", "sent after", "path"};
  for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
    term_table_add(table, head[i]);
}

static void add_change(void *ctx, const edgestatic_change *c) {
  struct changes *all = ctx;
  bool was = c->kind != EDGESTATIC_CHANGE_ADDED,
       is = c->kind != EDGESTATIC_CHANGE_REMOVED;
  if (c->kind == EDGESTATIC_CHANGE_RULE)
    was = is = c->before + c->after > 0;
  all->count[c->kind]++;
  all->before += c->before;
  all->after += c->after;
  all->best_before += c->best_before;
  all->best_after += c->best_after;
  if (all->array) {
    json_t *one = json_pack(
        "{s:s, s:o, s:I, s:I, s:I, s:I}", "change", kinds[c->kind].name, "path",
        json_text(c->path), "before", (json_int_t)c->before, "after",
        (json_int_t)c->after, "best_before", (json_int_t)c->best_before,
        "best_after", (json_int_t)c->best_after);
    all->failed |= json_array_append_new(all->array, one) != 0;
    return;
  }
  if (all->table.count == 0)
    add_head(&all->table);
  term_table_add(&all->table, kinds[c->kind].name);
  add_size(&all->table, c->before, was);
  add_size(&all->table, c->after, is);
  add_size(&all->table, c->best_before, was);
  add_size(&all->table, c->best_after, is);
  term_table_add_slice(&all->table, c->path);
}

static void print_totals(const struct changes *all) {
  char a[TERM_SIZE_MAX + 4], b[TERM_SIZE_MAX + 4];
  const char *comma = "\n";
  for (int i = 0; i < KINDS; i++)
    if (all->count[i] > 0) {
      printf("%s%s %s", comma, term_count(a, all->count[i]),
             all->count[i] == 1 ? kinds[i].one : kinds[i].more);
      comma = ", ";
    }
  if (*comma == '\n') {
    puts("no differences: the second pack answers as the first one does");
    return;
  }
  if (all->before + all->after > 0) {
    printf("\n%s before, %s after", term_size(a, all->before),
           term_size(b, all->after));
    printf("; compressed, %s and %s", term_size(a, all->best_before),
           term_size(b, all->best_after));
  }
  putchar('\n');
}

static int print_table(const edgestatic_store *a, const edgestatic_store *b) {
  struct changes all = {.array = NULL};
  term_table_init(&all.table, "lrrrrl");
  int failed = edgestatic_diff(a, b, add_change, &all);
  failed |= term_table_print(&all.table, stdout, 0);
  if (!failed)
    print_totals(&all);
  return failed;
}

static int print_json(const edgestatic_store *a, const edgestatic_store *b,
                      const struct settings *settings) {
  struct changes all = {.array = json_array()};
  if (!all.array || edgestatic_diff(a, b, add_change, &all) || all.failed) {
    json_decref(all.array);
    return -1;
  }
  json_t *root = json_pack("{s:o}", "changes", all.array);
  if (root && settings->purge &&
      json_object_set_new(root, "purge", purgelist_json(&settings->list))) {
    json_decref(root);
    return -1;
  }
  return json_print(root, JSON_INDENT(2));
}

/* What a cache does not take, or takes in parts. */
static int check_list(const struct purgelist *list) {
  if (list->cache == EDGESTATIC_CACHE_CLOUDFLARE && list->needs_base) {
    say_error("Cloudflare purges whole URLs, and where the site is was not "
              "said");
    say_hint("give it by --base-url, as https://example.com");
    return CLI_USAGE;
  }
  if (list->cache != EDGESTATIC_CACHE_CLOUDFRONT)
    return CLI_OK;
  if (list->count > CLOUDFRONT_PATHS_MAX)
    say_warning("these are %zu paths, and CloudFront takes %d at a time; send "
                "them in parts, or purge /*",
                list->count, CLOUDFRONT_PATHS_MAX);
  if (list->wildcards > CLOUDFRONT_WILDCARDS_MAX)
    say_warning("%zu paths have a wildcard, and CloudFront takes %d of these "
                "at a time; send them in parts, or purge /*",
                list->wildcards, CLOUDFRONT_WILDCARDS_MAX);
  return CLI_OK;
}

static void print_list(const struct purgelist *list) {
  purgelist_print(list);
  if (list->count == 0 && !list->all)
    say_note("nothing to purge: this cache sends nothing of the first pack, "
             "without asking, that the second one answers otherwise");
}

static int compare(const edgestatic_store *a, const edgestatic_store *b,
                   struct settings *settings) {
  int failed = 0;
  if (settings->purge) {
    failed = purgelist_make(&settings->list, a, b);
    int status = failed ? CLI_OK : check_list(&settings->list);
    if (status != CLI_OK)
      return status;
  }
  if (!failed && settings->json)
    failed = print_json(a, b, settings);
  else if (!failed && settings->purge)
    print_list(&settings->list);
  else if (!failed)
    failed = print_table(a, b);
  if (failed)
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  return failed ? CLI_INPUT : CLI_OK;
}

/* Returns 0, or the exit code after telling what is wrong. */
static int take(struct settings *settings, const struct args *args, int id) {
  switch (id) {
  case OPTION_PURGE:
    settings->purge = true;
    settings->list.cache = purgelist_cache(args->value);
    if (settings->list.cache < 0)
      return args_bad_value(args, "--purge",
                            "plain, fastly, cloudflare or cloudfront");
    return 0;
  case OPTION_BASE_URL:
    free(settings->base);
    settings->base = strdup(args->value);
    if (!settings->base || !purgelist_is_base(settings->base))
      return args_bad_value(args, "--base-url",
                            "a URL such as https://example.com");
    return 0;
  default:
    settings->json = true;
    return 0;
  }
}

static int run(struct args *args) {
  struct settings settings = {.json = false};
  int id, status = 0;
  while (status == 0 && (id = args_next(args)) > 0)
    status = take(&settings, args, id);
  if (status == 0 && id < 0)
    status = args->exit;
  else if (status == 0) {
    settings.list.base = settings.base ? settings.base : "";
    edgestatic_pack *a = packfile_open(args->operand[0]);
    edgestatic_pack *b = a ? packfile_open(args->operand[1]) : NULL;
    status = b ? compare(edgestatic_pack_store(a), edgestatic_pack_store(b),
                         &settings)
               : CLI_INPUT;
    edgestatic_pack_unref(a);
    edgestatic_pack_unref(b);
  }
  purgelist_free(&settings.list);
  free(settings.base);
  return status;
}

const struct verb verb_diff = {
    "diff",
    "compare two packs, and say what to purge",
    {"PACK", "PACK", NULL},
    {options, NULL},
    "Prints a line for each path that the second pack adds, removes or "
    "changes:\n"
    "the size of the file in both, that of its smallest encoding (what most\n"
    "browsers are sent), and the path.  The first word says what changed:\n"
    "  content  the bytes of the file\n"
    "  fields   header fields or encodings alone\n"
    "  rule     what a rule of _redirects answers; /old/* is all below\n"
    "  kept     the site has it no more; it stays for a while (build --keep)\n"
    "With --purge it prints what a cache in front of the site may still send "
    "of\n"
    "the first pack where the second one answers otherwise: as keys where "
    "files\n"
    "have some (build --cache-tags), else as URLs.",
    "  edgestatic diff old.edgepack new.edgepack\n"
    "  # what would change for the world?\n"
    "  edgestatic diff my-site@live my-site@staging\n"
    "  # purge CloudFront\n"
    "  edgestatic diff old.edgepack new.edgepack --purge cloudfront |\n"
    "    xargs -d '\\n' aws cloudfront create-invalidation \\\n"
    "        --distribution-id ID --paths",
    run};
