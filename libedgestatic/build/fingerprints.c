/* fingerprints.c - see fingerprints.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/fingerprints.h"

#include "build/glob.h"
#include "core/fingerprint.h"

#include <stdio.h>

int fingerprints_set(struct fingerprints *f, const char *regex,
                     char reason[FINGERPRINTS_REASON_MAX]) {
  fingerprints_free(f);
  if (!regex)
    return EDGESTATIC_OK;
  if (regex[0] == '\0' || strlen(regex) > FINGERPRINTS_REGEX_MAX) {
    snprintf(reason, FINGERPRINTS_REASON_MAX, "has not 1 to %d bytes",
             FINGERPRINTS_REGEX_MAX);
    return EDGESTATIC_ERR_INPUT;
  }
  int fault = regcomp(&f->regex, regex, REG_EXTENDED | REG_NOSUB);
  if (fault == REG_ESPACE)
    return EDGESTATIC_ERR_MEMORY;
  if (fault) {
    regerror(fault, &f->regex, reason, FINGERPRINTS_REASON_MAX);
    return EDGESTATIC_ERR_INPUT;
  }
  f->given = true;
  return EDGESTATIC_OK;
}

bool fingerprints_given(const struct fingerprints *f, slice file) {
  char path[EDGESTATIC_PATH_MAX + 1];
  if (!f->given || file.len >= sizeof path)
    return false;
  if (file.len > 0)
    memcpy(path, file.base, file.len);
  path[file.len] = '\0';
  return regexec(&f->regex, path, 0, NULL, 0) == 0;
}

bool fingerprints_has(const struct fingerprints *f,
                      const struct evidence *release, slice file) {
  return fingerprint_in_name(glob_last_segment(file)) ||
         evidence_has(release, file) || fingerprints_given(f, file);
}

slice fingerprints_hash(const struct evidence *release, slice file) {
  slice hash = fingerprint_of(glob_last_segment(file));
  return hash.base ? hash : evidence_hash(release, file);
}

void fingerprints_free(struct fingerprints *f) {
  if (f->given)
    regfree(&f->regex);
  f->given = false;
}
