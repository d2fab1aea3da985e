/* hidden.c - the rule that a file keeps a request from.
 * SPDX-License-Identifier: MIT */
#include "core/route.h"
#include "core/rules.h"

uint32_t edgestatic_hidden_rule(const edgestatic_store *store,
                                const edgestatic_request *request) {
  char buffer[EDGESTATIC_PATH_MAX], text[RULES_TEXT_MAX];
  struct target target;
  /* OPTIONS passes rules over (respond.c), whether there is a file or not. */
  if (slice_eq(request->method, LIT("OPTIONS")) ||
      target_parse(&target, request->target, buffer) != 0 || target.asterisk ||
      route_path(store, &target).kind == EDGESTATIC_ROUTE_NONE)
    return EDGESTATIC_NONE;
  if (rules_find(store, &target, request, RULES_BEFORE, text).rule !=
      EDGESTATIC_NONE)
    return EDGESTATIC_NONE;
  return rules_find(store, &target, request, RULES_AFTER, text).rule;
}
