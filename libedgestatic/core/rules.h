/* rules.h - which redirect or rewrite a request meets.
 *
 * The caller parses the target and asks before it looks for an asset; where
 * there is none it asks again:
 *
 *   RULES_BEFORE   forced rules, which win over a file
 *   RULES_AFTER    all rules
 *
 * In both it is the first rule that matches which counts: one that is not
 * forced hides a forced one behind it, as in the file it was written in.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_CORE_RULES_H
#define EDGESTATIC_CORE_RULES_H

#include "core/answer.h"
#include "core/pack.h"
#include "core/target.h"

enum rules_phase { RULES_BEFORE, RULES_AFTER };

/* Room for a Location, so that it fits into a response's text beside the one
 * line that a redirect says (answer.c). */
#define RULES_TEXT_MAX (ANSWER_TEXT_MAX - 128)

struct rules_answer {
  uint32_t rule; /* number, or EDGESTATIC_NONE: no rule */
  int status;    /* 301, 302, 303, 307, 308: text is the Location; 414: it would
                    be too long; 200, 4xx, 5xx: text is a target of this site,
                    for target_parse, whose asset is to be sent with it */
  size_t len;    /* of the text; no NUL follows */
  unsigned vary; /* RULES_VARY_*: what decided, also where there is no rule */
};

#define RULES_VARY_LANGUAGE 1u /* Vary: Accept-Language */
#define RULES_VARY_COOKIE 2u   /* Vary: Cookie */
#define RULES_VARY_ANY 4u      /* Vary: *, by what no field says */

struct rules_answer rules_find(const edgestatic_store *store,
                               const struct target *target,
                               const edgestatic_request *request,
                               enum rules_phase phase,
                               char text[RULES_TEXT_MAX]);

#endif
