/* urls.c - which paths a site answers.
 * SPDX-License-Identifier: MIT */
#include "build/urls.h"

#include "build/report.h"
#include "core/format.h"

struct mapping {
  struct urls *urls;
  const edgestatic_builder_options *options;
  const slice *file; /* sorted */
  size_t count;
};

/* Whether there is a file of that name. */
static bool is_file(const struct mapping *m, slice name) {
  size_t low = 0, high = m->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    slice s = m->file[middle];
    size_t common = s.len < name.len ? s.len : name.len;
    int order = common == 0 ? 0 : memcmp(s.base, name.base, common);
    if (order == 0)
      order = (s.len > name.len) - (s.len < name.len);
    if (order == 0)
      return true;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

static bool is_file_with(const struct mapping *m, slice name, slice suffix) {
  char joined[EDGESTATIC_PATH_MAX];
  if (name.len + suffix.len > sizeof joined)
    return false;
  memcpy(joined, name.base, name.len);
  memcpy(joined + name.len, suffix.base, suffix.len);
  return is_file(m, slice_of(joined, name.len + suffix.len));
}

/* Adds the entry "/" name tail. */
static int add(const struct mapping *m, size_t file, slice name, slice tail,
               unsigned char flags) {
  struct urls *urls = m->urls;
  struct urls_entry *grown =
      mem_grow(urls->strings.allocator, urls->entry, &urls->room,
               urls->count + 1, sizeof *grown);
  if (grown == NULL)
    return EDGESTATIC_ERR_MEMORY;
  urls->entry = grown;
  size_t len = 1 + name.len + tail.len;
  char *path = mem_arena_take(&urls->strings, len + 1);
  if (path == NULL)
    return EDGESTATIC_ERR_MEMORY;
  path[0] = '/';
  if (name.len > 0)
    memcpy(path + 1, name.base, name.len);
  if (tail.len > 0)
    memcpy(path + 1 + name.len, tail.base, tail.len);
  path[len] = 0;
  struct urls_entry entry = {
      .path = slice_of(path, len),
      .file = file,
      .main = urls->count == 0 || urls->entry[urls->count - 1].file != file,
      .flags = flags,
  };
  char encoded[URLS_ENCODED_MAX];
  size_t encoded_len = urls_encode(encoded, entry.path);
  entry.location = entry.path;
  if (encoded_len != len)
    entry.location =
        mem_arena_copy(&urls->strings, slice_of(encoded, encoded_len));
  if (entry.location.base == NULL)
    return EDGESTATIC_ERR_MEMORY;
  urls->entry[urls->count++] = entry;
  return EDGESTATIC_OK;
}

/* A page stays at the path of its file when another file has, or is linked to
 * by, the path it would move to. */
static int keep(const struct mapping *m, size_t file, const char *why) {
  slice name = m->file[file];
  char text[EDGESTATIC_PATH_MAX + 1];
  memcpy(text, name.base, name.len);
  text[name.len] = 0;
  report(m->options, EDGESTATIC_NOTE, text, 0, "is served at /%s, because %s",
         text, why);
  return add(m, file, name, LIT(""), 0);
}

/* folder/index.html; folder is "" or ends with a slash. */
static int map_index(const struct mapping *m, size_t file, slice folder) {
  switch (m->options->html_handling) {
  case EDGESTATIC_HTML_NONE: {
    int error = add(m, file, m->file[file], LIT(""), 0);
    if (error != EDGESTATIC_OK)
      return error;
    return add(m, file, folder, LIT(""), folder.len > 0 ? ENTRY_FOLDER : 0);
  }
  case EDGESTATIC_HTML_DROP: {
    if (folder.len == 0)
      return add(m, file, folder, LIT(""), ENTRY_PAGE);
    slice name = slice_of(folder.base, folder.len - 1);
    if (is_file(m, name))
      return keep(m, file, "a file has the folder's name");
    if (is_file_with(m, name, LIT(".html")))
      return keep(m, file,
                  "the page of that name beside the folder is "
                  "served at the folder's path");
    return add(m, file, name, LIT(""), ENTRY_PAGE);
  }
  default:
    return add(m, file, folder, LIT(""), ENTRY_PAGE);
  }
}

/* name.html */
static int map_page(const struct mapping *m, size_t file, slice name) {
  int handling = m->options->html_handling;
  if (handling == EDGESTATIC_HTML_NONE)
    return add(m, file, m->file[file], LIT(""), 0);
  if (is_file(m, name))
    return keep(m, file, "a file without .html has that path");
  if (handling != EDGESTATIC_HTML_FORCE)
    return add(m, file, name, LIT(""), ENTRY_PAGE);
  if (is_file_with(m, name, LIT("/index.html")))
    return keep(m, file,
                "the index.html of the folder of that name has the "
                "path with a slash");
  return add(m, file, name, LIT("/"), ENTRY_PAGE);
}

static int map_file(const struct mapping *m, size_t file) {
  slice name = m->file[file];
  slice index = LIT("index.html"), html = LIT(".html");
  if (slice_ends(name, index)) {
    slice folder = slice_of(name.base, name.len - index.len);
    if (folder.len == 0 || slice_ends(folder, LIT("/")))
      return map_index(m, file, folder);
  }
  if (slice_ends(name, html)) {
    slice stem = slice_of(name.base, name.len - html.len);
    /* A file that is called ".html" has no name to be served at: "/", or "//"
     * when slashes are forced, would be another page's or another host's. */
    if (stem.len > 0 && !slice_ends(stem, LIT("/")))
      return map_page(m, file, stem);
  }
  return add(m, file, name, LIT(""), 0);
}

int urls_map(struct urls *urls, const edgestatic_builder_options *options,
             const slice *file, size_t count) {
  *urls = (struct urls){.strings = {&options->allocator, NULL}};
  const struct mapping m = {urls, options, file, count};
  for (size_t i = 0; i < count; i++) {
    int error = map_file(&m, i);
    if (error != EDGESTATIC_OK) {
      urls_free(urls);
      return error;
    }
  }
  return EDGESTATIC_OK;
}

void urls_free(struct urls *urls) {
  mem_free(urls->strings.allocator, urls->entry,
           urls->room * sizeof *urls->entry);
  mem_arena_free(&urls->strings);
  *urls = (struct urls){0};
}

slice urls_error_folder(slice file) {
  slice name = LIT("404.html");
  if (slice_ends(file, name)) {
    slice folder = slice_of(file.base, file.len - name.len);
    if (folder.len == 0 || slice_ends(folder, LIT("/")))
      return folder;
  }
  return (slice){NULL, 0};
}

/* What a path may have as it is: unreserved, sub-delims, ":", "@" and "/". */
static bool is_path_byte(char c) {
  if ((lower(c) >= 'a' && lower(c) <= 'z') || is_digit(c))
    return true;
  return c != 0 && strchr("-._~!$&'()*+,;=:@/", c) != NULL;
}

size_t urls_encode(char *out, slice path) {
  static const char hex[] = "0123456789ABCDEF";
  size_t len = 0;
  for (size_t i = 0; i < path.len; i++) {
    unsigned char c = (unsigned char)path.base[i];
    bool second_slash = i == 1 && c == '/' && path.base[0] == '/';
    if (is_path_byte((char)c) && !second_slash) {
      out[len++] = (char)c;
      continue;
    }
    out[len++] = '%';
    out[len++] = hex[c >> 4];
    out[len++] = hex[c & 15];
  }
  return len;
}
