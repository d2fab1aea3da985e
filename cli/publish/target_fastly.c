/* target_fastly.c - a package for Fastly Compute, as its command makes it:
 * NAME/fastly.toml and NAME/bin/main.wasm in pkg/NAME.tar.gz.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "target.h"

#include "fill.h"
#include "tarball.h"

#include "../say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char manifest_text[] =
    "# For the command `fastly'; written once, yours to edit.\n"
    "manifest_version = 3\n"
    "name = \"@NAME@\"\n"
    "language = \"other\"\n"
    "\n"
    "[scripts]\n"
    "# `fastly compute build' publishes the site anew by this.\n"
    "build = \"@BUILD@\"\n";

/* What is between the quotes of a basic string of TOML 1.0. */
static char *toml_string(const struct pieces *text) {
  size_t len = (size_t)text->size;
  char *plain = malloc(len + 1), *escaped = malloc(6 * len + 1);
  if (plain && escaped && !text->failed) {
    pieces_copy(text, plain);
    char *out = escaped;
    for (size_t i = 0; i < len; i++) {
      unsigned char c = (unsigned char)plain[i];
      if (c < 0x20 || c == 0x7f) { /* a newline in the name of a folder */
        out += sprintf(out, "\\u%04x", c);
        continue;
      }
      if (c == '"' || c == '\\')
        *out++ = '\\';
      *out++ = plain[i];
    }
    *out = '\0';
  } else {
    free(escaped);
    escaped = NULL;
  }
  free(plain);
  return escaped;
}

static int new_manifest(const struct publish *publish, char **text) {
  struct pieces again = {0};
  int status = publish_again(publish, &again);
  char *build = status == 0 ? toml_string(&again) : NULL;
  pieces_free(&again);
  const struct fill list[] = {
      {"NAME", publish->name}, {"BUILD", build}, {NULL, NULL}};
  *text = build ? fill_text(manifest_text, list) : NULL;
  free(build);
  if (!*text && status == 0)
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  return *text ? 0 : -1;
}

/* The value of `name' at the top of a manifest, in quotes of either kind. */
static edgestatic_slice manifest_name(const char *text) {
  for (const char *line = text; line && *line != '[';) {
    const char *p = line + strspn(line, " \t");
    if (*p == '[')
      break;
    if (strncmp(p, "name", 4) == 0) {
      p += 4 + strspn(p + 4, " \t");
      if (*p == '=') {
        p += 1 + strspn(p + 1, " \t");
        const char end[] = {*p, '\n', '\0'};
        size_t len = *p == '"' || *p == '\'' ? strcspn(p + 1, end) : 0;
        if (len > 0 && p[1 + len] == *p)
          return (edgestatic_slice){p + 1, len};
        break;
      }
    }
    line = strchr(line, '\n');
    line = line ? line + 1 : NULL;
  }
  return (edgestatic_slice){NULL, 0};
}

/* What the command `fastly' makes of a name for its package: separators become
 * one dash, and what is neither letter, digit, dash nor dot is left out. */
static void package_name(char *out, size_t room, edgestatic_slice name) {
  size_t len = 0;
  for (size_t i = 0; i < name.len && len + 1 < room; i++) {
    char c = name.base[i];
    if (strchr(" &_=+:", c))
      c = '-';
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (plain && !(c == '-' && len > 0 && out[len - 1] == '-'))
      out[len++] = c;
  }
  out[len] = '\0';
}

static int make_package(const struct publish *publish, const char *name,
                        const struct pieces *manifest, struct pieces *package) {
  const struct fill list[] = {{"NAME", name}, {NULL, NULL}};
  char *toml = fill_text("@NAME@/fastly.toml", list);
  char *wasm = fill_text("@NAME@/bin/main.wasm", list);
  const struct tarball_entry entry[] = {{toml, manifest, 0644},
                                        {wasm, &publish->wasm, 0644}};
  unsigned char *tar = NULL, *gzip = NULL;
  size_t tar_len = 0, gzip_len = 0;
  int failed = !toml || !wasm ||
               tarball_make(entry, 2, publish->epoch, &tar, &tar_len) != 0 ||
               tarball_gzip(tar, tar_len, &gzip, &gzip_len) != 0;
  free(tar);
  free(toml);
  free(wasm);
  if (failed) {
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    return -1;
  }
  pieces_own(package, gzip, gzip_len);
  return 0;
}

/* Takes the text. */
static int add_all(struct publish *publish, const char *name, char *text) {
  struct pieces manifest = {0}, package = {0}, module = {0};
  pieces_own(&manifest, text, strlen(text));
  if (make_package(publish, name, &manifest, &package) != 0) {
    pieces_free(&manifest);
    return -1;
  }
  publish->budget.used[BUDGET_PACKAGE] = package.size;
  pieces_append(&module, &publish->wasm);
  const struct fill list[] = {{"NAME", name}, {NULL, NULL}};
  char *file = fill_text("pkg/@NAME@.tar.gz", list);
  package.failed |= !file;
  publish->served = strdup("bin/main.wasm");
  module.failed |= !publish->served;
  int status =
      outdir_add(&publish->out, OUTDIR_SCAFFOLD, "fastly.toml", &manifest);
  /* Its command builds into these two as well. */
  if (outdir_add(&publish->out, OUTDIR_SHARED, "bin/main.wasm", &module) != 0)
    status = -1;
  if (outdir_add(&publish->out, OUTDIR_SHARED, file ? file : "", &package) != 0)
    status = -1;
  free(file);
  return status;
}

int target_fastly(struct publish *publish) {
  char *text = NULL;
  if (outdir_kept(&publish->out, "fastly.toml", &text) != 0)
    return -1;
  if (!text && new_manifest(publish, &text) != 0)
    return -1;
  char name[128] = "";
  package_name(name, sizeof name, manifest_name(text));
  if (name[0] == '\0' || name[0] == '.') {
    say_error("%s/fastly.toml has no name that a package can have",
              publish->output);
    say_hint("give it a line like this at its top: name = \"%s\"",
             publish->name);
    free(text);
    return -1;
  }
  return add_all(publish, name, text);
}
