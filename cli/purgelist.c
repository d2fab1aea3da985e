/* purgelist.c - see purgelist.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "purgelist.h"

#include "edgestatic_site.h"
#include "term.h"

#include <stdlib.h>
#include <string.h>

static const char *const caches[] = {
    [EDGESTATIC_CACHE_PLAIN] = "plain",
    [EDGESTATIC_CACHE_FASTLY] = "fastly",
    [EDGESTATIC_CACHE_CLOUDFLARE] = "cloudflare",
    [EDGESTATIC_CACHE_CLOUDFRONT] = "cloudfront"};

int purgelist_cache(const char *name) {
  for (size_t i = 0; i < sizeof caches / sizeof *caches; i++)
    if (strcmp(caches[i], name) == 0)
      return (int)i;
  return -1;
}

bool purgelist_is_base(char *text) {
  char *host = strstr(text, "://");
  if (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0)
    return false;
  host += 3;
  size_t len = strlen(host);
  if (len > 0 && host[len - 1] == '/')
    host[--len] = '\0';
  return len > 0 && host[0] != '/' && strpbrk(host, " \t?#*\"<>\\") == NULL;
}

/* Before and behind a slice. */
static char *join(const char *before, edgestatic_slice text,
                  const char *behind) {
  char *joined;
  if (asprintf(&joined, "%s%.*s%s", before, (int)text.len, text.base, behind) <
      0)
    return NULL;
  return joined;
}

static void add(void *ctx, int kind, edgestatic_slice what) {
  struct purgelist *list = ctx;
  const char *name = "url", *before = list->base, *behind = "";
  bool is_prefix = kind == EDGESTATIC_PURGE_PREFIX;
  if (kind == EDGESTATIC_PURGE_KEY) {
    name = list->cache == EDGESTATIC_CACHE_FASTLY ? "key" : "tag";
    before = "";
  } else if (list->cache == EDGESTATIC_CACHE_CLOUDFRONT) {
    name = "path";
    before = "";
  } else if (list->base[0] == '\0') {
    list->needs_base = true;
  }
  if (is_prefix && list->cache == EDGESTATIC_CACHE_FASTLY) {
    list->all = true; /* it purges keys, URLs and all */
    return;
  }
  if (is_prefix && list->cache == EDGESTATIC_CACHE_CLOUDFLARE) {
    name = "prefix";
    if (before[0] != '\0')
      before = strstr(before, "://") + 3;
  } else if (is_prefix) {
    behind = "*";
    list->wildcards++;
  }
  if (list->count == list->room) {
    size_t room = list->room ? 2 * list->room : 64;
    struct purgelist_item *grown =
        reallocarray(list->item, room, sizeof *grown);
    if (!grown) {
      list->failed = true;
      return;
    }
    list->item = grown;
    list->room = room;
  }
  char *text = join(before, what, behind);
  if (!text)
    list->failed = true;
  else
    list->item[list->count++] = (struct purgelist_item){name, text};
}

int purgelist_make(struct purgelist *list, const edgestatic_store *old_store,
                   const edgestatic_store *new_store) {
  int error = edgestatic_purge(old_store, new_store, list->cache, add, list);
  return error || list->failed ? -1 : 0;
}

void purgelist_print(const struct purgelist *list) {
  bool named = list->cache == EDGESTATIC_CACHE_FASTLY ||
               list->cache == EDGESTATIC_CACHE_CLOUDFLARE;
  if (list->all) {
    puts("all");
    return;
  }
  for (size_t i = 0; i < list->count; i++) {
    if (named)
      printf("%s ", list->item[i].kind);
    term_print(stdout, list->item[i].text);
    putchar('\n');
  }
}

json_t *purgelist_json(const struct purgelist *list) {
  if (list->all)
    return json_pack("[{s:s}]", "kind", "all");
  json_t *array = json_array();
  for (size_t i = 0; array && i < list->count; i++) {
    const char *text = list->item[i].text;
    json_t *one = json_pack("{s:s, s:o}", "kind", list->item[i].kind, "value",
                            json_text((edgestatic_slice){text, strlen(text)}));
    if (json_array_append_new(array, one) != 0) {
      json_decref(array);
      array = NULL;
    }
  }
  return array;
}

void purgelist_free(struct purgelist *list) {
  for (size_t i = 0; i < list->count; i++)
    free(list->item[i].text);
  free(list->item);
}
