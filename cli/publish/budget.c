/* budget.c - see budget.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "budget.h"

#include "../say.h"
#include "../term.h"

#include <stdio.h>
#include <string.h>

enum unit { SIZE, COUNT };

static const struct {
  const char *name;
  enum unit unit;
} uses[] = {
#define BUDGET_X(id, name, unit) {name, unit},
    BUDGET_USES(BUDGET_X)
#undef BUDGET_X
};

/* Cells of the bar. */
#define BAR 10

static const char *amount(char buffer[TERM_SIZE_MAX + 4], enum unit unit,
                          uint64_t n) {
  return unit == SIZE ? term_size(buffer, n) : term_count(buffer, n);
}

static double share(const struct budget *budget, const struct limit *limit) {
  return (double)budget->used[limit->use] / (double)limit->most;
}

static void add_bar(struct term_table *table, double part) {
  char text[BAR + 16] = "";
  unsigned full = part < 1 ? (unsigned)(part * BAR + 0.5) : BAR;
  for (unsigned i = 0; i < BAR; i++)
    text[i] = i < full ? '#' : '.';
  snprintf(text + BAR, sizeof text - BAR, " %3.0f%%",
           part < 9.99 ? part * 100 : 999);
  term_table_add(table, text);
}

/* What the host documents no limit of, in one line. */
static void print_unlimited(const struct budget *budget) {
  const char *before = "no limit is known of: ";
  for (const struct limit *limit = budget->limit;
       limit->use != BUDGET_USE_COUNT; limit++) {
    char text[TERM_SIZE_MAX + 4];
    if (limit->most > 0)
      continue;
    printf("%s%s (%s)", before, uses[limit->use].name,
           amount(text, uses[limit->use].unit, budget->used[limit->use]));
    before = ", ";
  }
  putchar('\n');
}

int budget_print(const struct budget *budget) {
  struct term_table table;
  term_table_init(&table, "lrrll");
  const char *const head[] = {"limit", "used", "of", "share", "as of"};
  for (int i = 0; i < 5; i++)
    term_table_add(&table, head[i]);
  const char *source = NULL;
  for (const struct limit *limit = budget->limit;
       limit->use != BUDGET_USE_COUNT; limit++) {
    char text[TERM_SIZE_MAX + 4];
    enum unit unit = uses[limit->use].unit;
    if (limit->most == 0)
      continue;
    term_table_add(&table, uses[limit->use].name);
    term_table_add(&table, amount(text, unit, budget->used[limit->use]));
    term_table_add(&table, amount(text, unit, limit->most));
    add_bar(&table, share(budget, limit));
    term_table_add(&table, limit->date);
    source = limit->source;
  }
  int failed = term_table_print(&table, stdout, 2);
  printf("limits as in %s\n", source);
  print_unlimited(budget);
  return failed;
}

static json_t *limit_json(const struct budget *budget,
                          const struct limit *limit) {
  json_t *value =
      json_pack("{s:s, s:s, s:I}", "limit", uses[limit->use].name, "unit",
                uses[limit->use].unit == SIZE ? "bytes" : "files", "used",
                (json_int_t)budget->used[limit->use]);
  if (value && limit->most > 0) {
    json_object_set_new(value, "of", json_integer((json_int_t)limit->most));
    json_object_set_new(value, "share", json_real(share(budget, limit)));
    json_object_set_new(value, "binding",
                        json_boolean(limit->weight == LIMIT_BINDS));
    json_object_set_new(value, "source", json_string(limit->source));
    json_object_set_new(value, "as_of", json_string(limit->date));
  }
  return value;
}

json_t *budget_json(const struct budget *budget) {
  json_t *all = json_array();
  for (const struct limit *limit = budget->limit;
       limit->use != BUDGET_USE_COUNT; limit++)
    if (json_array_append_new(all, limit_json(budget, limit)) != 0) {
      json_decref(all);
      return NULL;
    }
  return all;
}

static void tell(const struct budget *budget, const struct limit *limit,
                 bool refused) {
  char used_text[TERM_SIZE_MAX + 4], most_text[TERM_SIZE_MAX + 4];
  const char *name = uses[limit->use].name;
  enum unit unit = uses[limit->use].unit;
  const char *used = amount(used_text, unit, budget->used[limit->use]);
  const char *most = amount(most_text, unit, limit->most);
  if (refused)
    say_error("%s: %s, but the host takes %s (%s, %s)", name, used, most,
              limit->source, limit->date);
  else
    say_warning("%s: %s, and the host takes %s (%s, %s)", name, used, most,
                limit->source, limit->date);
  say_hint("%s", limit->advice);
}

int budget_check(const struct budget *budget) {
  int status = 0;
  for (const struct limit *limit = budget->limit;
       limit->use != BUDGET_USE_COUNT; limit++) {
    if (limit->most == 0 || limit->weight == LIMIT_INFORMS ||
        share(budget, limit) * 100 <= BUDGET_NEAR_PERCENT)
      continue;
    bool refused =
        limit->weight == LIMIT_BINDS && budget->used[limit->use] > limit->most;
    tell(budget, limit, refused);
    if (refused)
      status = -1;
  }
  return status;
}

uint64_t budget_path(edgestatic_slice path) {
  static const char plain[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
      "-._~!$&'()*+,;=:@/";
  uint64_t len = 0;
  for (size_t i = 0; i < path.len; i++)
    len += path.base[i] != '\0' && strchr(plain, path.base[i]) ? 1 : 3;
  return len;
}
