/* ignore.c - .edgestaticignore, in the syntax of gitignore(5).
 * SPDX-License-Identifier: MIT */
#include "build/ignore.h"

#include "build/glob.h"
#include "build/mem.h"
#include "build/report.h"

/* Trailing spaces do not count, unless a backslash quotes them. */
static slice trim_spaces(slice line) {
  size_t end = 0;
  for (size_t i = 0; i < line.len; i++) {
    if (line.base[i] == '\\')
      i++;
    else if (line.base[i] == ' ')
      continue;
    end = i + 1;
  }
  if (end < line.len)
    line.len = end;
  return line;
}

static bool has_special(slice pattern) {
  for (size_t i = 0; i < pattern.len; i++)
    if (strchr("*?[\\", pattern.base[i]) != NULL)
      return true;
  return false;
}

/* Reads a line; false when it has no rule. */
static bool read_line(struct ignore_rule *rule, slice line) {
  *rule = (struct ignore_rule){0};
  if (line.len > 0 && line.base[line.len - 1] == '\r')
    line.len--;
  if (line.len > 0 && line.base[0] == '#')
    return false;
  line = trim_spaces(line);
  if (line.len > 0 && line.base[0] == '!') {
    rule->negated = true;
    line = slice_skip(line, 1);
  }
  if (line.len > 0 && line.base[line.len - 1] == '/') {
    rule->folder_only = true;
    line.len--;
  }
  if (line.len == 0)
    return false;
  rule->anchored = memchr(line.base, '/', line.len) != NULL;
  if (line.base[0] == '/')
    line = slice_skip(line, 1);
  rule->pattern = line;
  rule->literal = !has_special(line);
  return line.len > 0;
}

/* What is wrong with a rule, or NULL.  git passes over such lines; here they
 * stop the build, because a rule that ignores nothing publishes what it was
 * meant to keep back. */
static const char *rule_fault(const struct ignore_rule *rule) {
  if (rule->pattern.len > GLOB_MAX)
    return "the pattern is too long";
  if (memchr(rule->pattern.base, 0, rule->pattern.len) != NULL)
    return "the line has a NUL byte; is this a text file?";
  if (!glob_valid(rule->pattern))
    return "the pattern matches nothing: it has an open \"[\", an unknown "
           "[:class:] or a \"\\\" at its end";
  return NULL;
}

static int add_rule(struct ignore *ignore, const struct ignore_rule *rule) {
  struct ignore_rule *grown =
      mem_grow(ignore->allocator, ignore->rule, &ignore->room,
               ignore->count + 1, sizeof *grown);
  if (grown == NULL)
    return EDGESTATIC_ERR_MEMORY;
  ignore->rule = grown;
  ignore->rule[ignore->count++] = *rule;
  return EDGESTATIC_OK;
}

static int add_lines(struct ignore *ignore,
                     const edgestatic_builder_options *options,
                     const char *file, slice rest) {
  if (slice_starts(rest, LIT("\xef\xbb\xbf")))
    rest = slice_skip(rest, 3);
  for (unsigned number = 1; rest.len > 0; number++) {
    const char *newline = memchr(rest.base, '\n', rest.len);
    size_t len = newline == NULL ? rest.len : (size_t)(newline - rest.base);
    slice line = slice_of(rest.base, len);
    rest = slice_skip(rest, newline == NULL ? len : len + 1);
    struct ignore_rule rule;
    if (!read_line(&rule, line))
      continue;
    const char *fault = rule_fault(&rule);
    if (fault != NULL)
      return report_error(options, EDGESTATIC_ERR_INPUT, file, number, "%s",
                          fault);
    if (ignore->count == IGNORE_RULES_MAX)
      return report_error(options, EDGESTATIC_ERR_INPUT, file, number,
                          "more than %d patterns", IGNORE_RULES_MAX);
    int error = add_rule(ignore, &rule);
    if (error != EDGESTATIC_OK)
      return error;
  }
  return EDGESTATIC_OK;
}

int ignore_parse(struct ignore *ignore,
                 const edgestatic_builder_options *options, const char *file,
                 slice text) {
  *ignore = (struct ignore){.allocator = &options->allocator};
  if (text.len > IGNORE_FILE_MAX)
    return report_error(options, EDGESTATIC_ERR_INPUT, file, 0,
                        "longer than %d bytes", IGNORE_FILE_MAX);
  ignore->text = mem_copy(ignore->allocator, text);
  if (ignore->text == NULL)
    return EDGESTATIC_ERR_MEMORY;
  ignore->text_size = text.len + 1;
  int error =
      add_lines(ignore, options, file, slice_of(ignore->text, text.len));
  if (error != EDGESTATIC_OK)
    ignore_free(ignore);
  return error;
}

static bool rule_matches(const struct ignore_rule *rule, slice path,
                         slice name) {
  slice subject = rule->anchored ? path : name;
  return rule->literal ? slice_eq(rule->pattern, subject)
                       : glob_match(rule->pattern, subject);
}

bool ignore_match(const struct ignore *ignore, slice path, bool folder) {
  slice name = glob_last_segment(path);
  /* The last rule that matches decides. */
  for (size_t i = ignore->count; i > 0; i--) {
    const struct ignore_rule *rule = &ignore->rule[i - 1];
    if ((folder || !rule->folder_only) && rule_matches(rule, path, name))
      return !rule->negated;
  }
  return false;
}

void ignore_free(struct ignore *ignore) {
  mem_free(ignore->allocator, ignore->text, ignore->text_size);
  mem_free(ignore->allocator, ignore->rule,
           ignore->room * sizeof *ignore->rule);
  *ignore = (struct ignore){0};
}
