/* headers_file.c - reads _headers.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/headers_file.h"

#include "build/rulepath.h"

#include "core/expand.h"
#include "core/uri.h"

struct reader {
  struct headers *out;
  struct rulefile *file; /* of out */
  const edgestatic_allocator *allocator;
  bool in_block; /* the last path was good */
  bool skipping; /* it was not: what is below it was said to be left out */
  struct rulepath path;
};

static bool refuse(struct reader *r, enum rulefile_kind kind, slice at,
                   const char *text) {
  return rulefile_refuse(r->file, kind, at, text);
}

static struct headers_block *last_block(const struct reader *r) {
  return &r->out->block[r->out->count - 1];
}

/* ---- Fields ---- */

static bool is_token(slice s) {
  for (size_t i = 0; i < s.len; i++)
    if (!uri_is_alnum(s.base[i]) && !strchr("!#$%&'*+-.^_`|~", s.base[i]))
      return false;
  return s.len > 0;
}

/* Fields that no rule may set, and why. */
static const char *why_not(slice name) {
  static const struct {
    slice name;
    const char *why;
  } refused[] = {
#define MESSAGE(name)                                                          \
  {EDGESTATIC_LITERAL(name),                                                   \
   " belongs to the connection, which the server keeps; remove the line"}
#define BODY(name)                                                             \
  {                                                                            \
    EDGESTATIC_LITERAL(name),                                                  \
        " says what the body is, which edgestatic knows "                      \
        "for each encoding of it; "                                            \
        "remove the line"                                                      \
  }
      MESSAGE("Connection"),
      MESSAGE("Keep-Alive"),
      MESSAGE("Proxy-Connection"),
      MESSAGE("TE"),
      MESSAGE("Trailer"),
      MESSAGE("Transfer-Encoding"),
      MESSAGE("Upgrade"),
      MESSAGE("Date"),
      MESSAGE("Content-Length"),
      BODY("Content-Encoding"),
      BODY("Content-Range"),
      BODY("Accept-Ranges"),
      BODY("ETag"),
      BODY("Last-Modified"),
      BODY("Repr-Digest"),
      BODY("Content-Digest"),
#undef MESSAGE
#undef BODY
      {EDGESTATIC_LITERAL("Location"), " is for redirects, and makes one of a "
                                       "CGI response; remove the line and "
                                       "write a rule in _redirects"},
      {EDGESTATIC_LITERAL("Basic-Auth"),
       " is a password for Netlify and would be sent to everyone; remove the "
       "line and keep it with the server"},
  };
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    if (slice_eq_nocase(name, refused[i].name))
      return refused[i].why;
  return NULL;
}

static bool name_ok(struct reader *r, slice name) {
  const char *why = why_not(name);
  if (name.len == 0)
    return refuse(r, RULEFILE_SYNTAX, r->file->line,
                  "there is no name before the colon; add it");
  if (!is_token(name))
    return refuse(r, RULEFILE_VALUE, name,
                  " is no name of a field: it needs letters, digits and -_.");
  return why ? refuse(r, RULEFILE_VALUE, name, why) : true;
}

/* Of Link: "<" opens the address that a byte is in. */
static void watch_link(struct reader *r, slice value, size_t i, bool *inside) {
  if (value.base[i] == '<')
    *inside = true;
  else if (value.base[i] == '>')
    *inside = false;
  else if (*inside && value.base[i] == ',')
    rulefile_say(r->file, EDGESTATIC_WARNING, RULEFILE_VALUE, value.base + i,
                 "each comma gets a blank behind it, within an address too, "
                 "which is none then; write %%2C");
}

/* A value into out, with captures.  Netlify's commas get their blank: its
 * parser splits at each of them, in quotes and in <...> too. */
static bool make_value(struct reader *r, slice field, slice value, char *out,
                       size_t *len) {
  bool netlify = r->file->dialect == RULEFILE_NETLIFY, inside = false;
  bool link = netlify && slice_eq_nocase(field, LIT("Link"));
  *len = 0;
  for (size_t i = 0; i < value.len; i++) {
    char c = value.base[i] == '\t' ? ' ' : value.base[i];
    if ((unsigned char)c >= 0x80 || c < ' ')
      return refuse(r, RULEFILE_VALUE, slice_skip(value, i),
                    "a value has letters of ASCII alone; encode what is not");
    if (c == ':' && !netlify) {
      size_t name = 0;
      for (; name < r->path.names; name++)
        if (slice_starts(slice_skip(value, i + 1), r->path.name[name]))
          break;
      if (name < r->path.names) {
        out[(*len)++] = (char)(name + 1);
        i += r->path.name[name].len;
        continue;
      }
    }
    if (link)
      watch_link(r, value, i, &inside);
    if (netlify && c == ',') {
      while (*len > 0 && out[*len - 1] == ' ')
        --*len;
      while (i + 1 < value.len && is_ows(value.base[i + 1]))
        i++;
      out[(*len)++] = c;
      c = ' ';
      if (i + 1 == value.len)
        break;
    }
    out[(*len)++] = c;
  }
  return true;
}

static void add_field(struct reader *r, slice name, slice value, bool unset) {
  struct headers *out = r->out;
  struct headers_block *block = last_block(r);
  for (size_t i = block->field; i < out->fields && !unset; i++) {
    struct headers_field *f = &out->field[i];
    if (f->unset || !slice_eq_nocase(f->name, name) ||
        slice_eq_nocase(name, LIT("Set-Cookie")))
      continue;
    char joined[HEADERS_VALUE_MAX];
    if (f->value.len + 2 + value.len > sizeof joined) {
      refuse(r, RULEFILE_LIMIT, name,
             "the lines of this field are too long together; shorten them");
      return;
    }
    memcpy(joined, f->value.base, f->value.len);
    memcpy(joined + f->value.len, ", ", 2);
    memcpy(joined + f->value.len + 2, value.base, value.len);
    f->value =
        rulefile_copy(r->file, slice_of(joined, f->value.len + 2 + value.len));
    return;
  }
  struct headers_field *grown =
      mem_grow(r->allocator, out->field, &out->field_room, out->fields + 1,
               sizeof *grown);
  if (!grown) {
    r->file->error = EDGESTATIC_ERR_MEMORY;
    return;
  }
  out->field = grown;
  out->field[out->fields++] = (struct headers_field){
      rulefile_copy(r->file, name), rulefile_copy(r->file, value), unset,
      r->file->source, r->file->number};
  block->fields++;
}

static void unset_line(struct reader *r, slice name) {
  if (r->file->dialect == RULEFILE_NETLIFY) {
    rulefile_say(r->file, EDGESTATIC_WARNING, RULEFILE_UNSUPPORTED, NULL,
                 "Netlify passes over \"!\" lines, which take a field away for "
                 "Cloudflare; remove the line");
    return;
  }
  slice word = name, rest = name;
  rulefile_word(&rest, &word);
  if (name_ok(r, slice_of(word.base, name.len == 0 ? 0 : word.len)))
    add_field(r, word, LIT(""), true);
}

static void field_line(struct reader *r) {
  slice line = r->file->line;
  const char *colon = memchr(line.base, ':', line.len);
  if (!r->in_block) {
    if (!r->skipping)
      refuse(r, RULEFILE_SYNTAX, line,
             "there is no path above this line; a path begins with /");
    return;
  }
  if (!colon && line.base[0] == '!') {
    unset_line(r, slice_skip(line, 1));
    return;
  }
  if (!colon) {
    refuse(r, RULEFILE_SYNTAX, line,
           "the line is neither a path, which begins with /, nor a field, "
           "which is "
           "\"Name: value\"");
    return;
  }
  slice name = slice_of(line.base, (size_t)(colon - line.base));
  slice value = slice_trim(slice_skip(line, name.len + 1));
  char made[RULEFILE_LINE_MAX * 2];
  size_t len;
  if (slice_starts(value, LIT("//")) &&
      (slice_eq(name, LIT("https")) || slice_eq(name, LIT("http")))) {
    refuse(r, RULEFILE_VALUE, line,
           "Netlify takes this for a field called http; a path is written "
           "without scheme and host");
    return;
  }
  if (!name_ok(r, slice_trim(name)))
    return;
  if (value.len == 0) {
    refuse(r, RULEFILE_SYNTAX, line, "the field has no value; add it");
    return;
  }
  if (!make_value(r, slice_trim(name), value, made, &len))
    return;
  if (len > HEADERS_VALUE_MAX)
    refuse(r, RULEFILE_LIMIT, value, "the value is too long; shorten it");
  else
    add_field(r, slice_trim(name), slice_of(made, len), false);
}

/* ---- Paths ---- */

/* Whether a line is a path: "/..." and for Cloudflare "word://...". */
static bool is_path(const struct reader *r, slice line) {
  if (line.base[0] == '/' || r->file->dialect == RULEFILE_NETLIFY)
    return line.base[0] == '/';
  for (size_t i = 0; i + 2 < line.len && !is_ows(line.base[i]); i++)
    if (i > 0 && memcmp(line.base + i, "://", 3) == 0)
      return true;
  return false;
}

/* The pattern of the host of "https://host/path" into out, its names first
 * among those of the path. */
static bool make_host(struct reader *r, slice *path, char *out, size_t *len) {
  size_t end = expand_path(*path);
  *len = 0;
  if (path->base[0] == '/')
    return true;
  if (!slice_starts(*path, LIT("https://")))
    return refuse(r, RULEFILE_VALUE, *path,
                  "a host comes behind https:// alone; it is then for http "
                  "too");
  for (size_t i = sizeof "https://" - 1; i < end; i++) {
    char c = lower(path->base[i]);
    if (c == ':' || c == '*')
      return refuse(r, RULEFILE_UNSUPPORTED, slice_skip(*path, i),
                    c == '*' ? "a host is given in full; write it without *"
                             : "a host has neither port nor placeholder here; "
                               "write it in full");
    if (!uri_is_alnum(c) && c != '-' && c != '.' && c != '_')
      return refuse(r, RULEFILE_VALUE, slice_skip(*path, i),
                    "a host has letters, digits, \"-\" and \".\" alone "
                    " (an international name as xn--)");
    out[(*len)++] = c;
  }
  if (*len == 0)
    return refuse(r, RULEFILE_VALUE, *path, "there is no host");
  *path = end < path->len ? slice_skip(*path, end) : LIT("/");
  return true;
}

/* Cloudflare keeps its blocks by path. */
static void replace_earlier(struct reader *r, const struct headers_block *b) {
  for (size_t i = 0; i + 1 < r->out->count; i++) {
    struct headers_block *earlier = &r->out->block[i];
    if (r->file->dialect != RULEFILE_CLOUDFLARE || earlier->replaced ||
        !slice_eq(earlier->path, b->path) || !slice_eq(earlier->host, b->host))
      continue;
    rulefile_say(r->file, EDGESTATIC_WARNING, RULEFILE_DUPLICATE, NULL,
                 "takes the place of the block on line %u, whose fields are "
                 "all lost; join the two",
                 earlier->line);
    earlier->replaced = true;
  }
}

/* Judges a block that ends, on the line of its path. */
static void end_block(struct reader *r) {
  if (!r->in_block)
    return;
  struct rulefile *f = r->file;
  const struct headers_block *b = last_block(r);
  const struct rulefile now = *f;
  f->source = b->source;
  f->number = b->line;
  f->begin = f->line.base; /* column 1 */
  if (b->fields > 0)
    replace_earlier(r, b);
  else
    rulefile_say(f, EDGESTATIC_WARNING, RULEFILE_DEAD, NULL,
                 "there are no fields below this path; add some or remove it");
  f->source = now.source;
  f->number = now.number;
  f->begin = now.begin;
  if (b->fields == 0)
    r->out->count--;
  r->in_block = false;
}

static bool make_block(struct reader *r, struct headers_block *block,
                       char *host) {
  bool netlify = r->file->dialect == RULEFILE_NETLIFY;
  slice path = r->file->line;
  struct rulepath_fault fault;
  size_t most = netlify ? HEADERS_BLOCKS_MAX : HEADERS_CLOUDFLARE_BLOCKS_MAX,
         len;
  for (size_t i = 0; i < path.len; i++)
    if (is_ows(path.base[i]))
      return refuse(r, RULEFILE_SYNTAX, slice_skip(path, i),
                    "a path has no blanks; write %20, and fields on lines of "
                    "their own");
  if (!make_host(r, &path, host, &len))
    return false;
  for (size_t i = 0; i < path.len && !netlify; i++)
    if (path.base[i] == '?' || path.base[i] == '#')
      path.len = i;
  if (r->out->count >= most) {
    rulefile_stop(r->file);
    return refuse(r, RULEFILE_LIMIT, path,
                  netlify ? "there are more than 10,000 blocks; this one and "
                            "those below are not read"
                          : "Cloudflare reads 100 blocks; this one and those "
                            "below are not read");
  }
  if (!rulepath_pattern(
          &r->path, netlify ? RULEPATH_NETLIFY_HEADERS : RULEPATH_CLOUDFLARE,
          path, &fault))
    return refuse(r, fault.kind, slice_of(fault.at, 0), fault.text);
  block->host = rulefile_copy(r->file, slice_of(host, len));
  block->path = rulefile_copy(r->file, slice_of(r->path.bytes, r->path.len));
  return true;
}

static void path_line(struct reader *r) {
  struct headers *out = r->out;
  char host[RULEFILE_LINE_MAX];
  end_block(r);
  struct headers_block block = {
      .field = out->fields, .source = r->file->source, .line = r->file->number};
  r->in_block = make_block(r, &block, host);
  r->skipping = !r->in_block;
  if (!r->in_block)
    return;
  struct headers_block *grown = mem_grow(r->allocator, out->block, &out->room,
                                         out->count + 1, sizeof *grown);
  if (!grown) {
    r->file->error = EDGESTATIC_ERR_MEMORY;
    return;
  }
  out->block = grown;
  out->block[out->count++] = block;
}

int headers_read_texts(struct headers *out,
                       const edgestatic_allocator *allocator,
                       enum rulefile_dialect dialect, const slice *text,
                       unsigned count) {
  *out = (struct headers){.file = {.dialect = dialect,
                                   .text = text,
                                   .texts = count,
                                   .strings = {allocator, NULL}}};
  struct reader *r = mem_new(allocator, 1, sizeof *r);
  if (!r)
    return EDGESTATIC_ERR_MEMORY;
  *r = (struct reader){.out = out, .file = &out->file, .allocator = allocator};
  unsigned source = 0;
  while (rulefile_next(r->file)) {
    if (r->file->source != source) {
      end_block(r);
      r->skipping = false;
      source = r->file->source;
    }
    if (is_path(r, r->file->line))
      path_line(r);
    else
      field_line(r);
  }
  if (!out->file.error)
    end_block(r);
  rulefile_stop(r->file);
  int error = out->file.error;
  mem_free(allocator, r, sizeof *r);
  if (error)
    headers_free(out);
  return error;
}

void headers_free(struct headers *out) {
  const edgestatic_allocator *allocator = out->file.strings.allocator;
  mem_free(allocator, out->block, out->room * sizeof *out->block);
  mem_free(allocator, out->field, out->field_room * sizeof *out->field);
  rulefile_free(&out->file);
  *out = (struct headers){0};
}
