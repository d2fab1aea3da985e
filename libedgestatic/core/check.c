/* check.c - follows every number of a pack once, so that nobody else must.
 *
 * A pack may be forged with a right checksum.  Beyond memory safety this file
 * keeps two promises to those who send what a pack says: a field name or value
 * cannot end its line (RFC 9110 section 5.5), and Content-Length is there
 * once and is the size of the body, so that a host which trusts it keeps its
 * framing.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/pack.h"
#include "core/text.h"

bool pack_check_records(const edgestatic_store *s, enum section_id section,
                        le32 first, uint32_t count) {
  return (uint64_t)get32(first) + count <= s->section[section].count;
}

bool pack_check_string(const edgestatic_store *s, le32 ref) {
  uint32_t at = get32(ref);
  uint32_t size = s->section[SECTION_STRINGS].count;
  if (size < 3 || at > size - 3)
    return false;
  slice string = pack_string(s, ref);
  return string.len <= size - 3 - at && string.base[string.len] == '\0';
}

static bool is_visible(char c) {
  return c > ' ' && c < 0x7f;
}

/* RFC 9110 section 5.6.2. */
bool pack_check_token(slice s) {
  for (size_t i = 0; i < s.len; i++) {
    char c = lower(s.base[i]);
    if (!is_digit(c) && !(c >= 'a' && c <= 'z') &&
        (c != '!' && c != '#' && c != '$' && c != '%' && c != '&' &&
         c != '\'' && c != '*' && c != '+' && c != '-' && c != '.' &&
         c != '^' && c != '_' && c != '`' && c != '|' && c != '~'))
      return false;
  }
  return s.len > 0;
}

/* RFC 9110 section 5.5: visible bytes, spaces, tabs and obs-text. */
bool pack_check_value(slice s) {
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.base[i];
    if ((c < ' ' && c != '\t') || c == 0x7f)
      return false;
  }
  return true;
}

/* RFC 9110 section 8.8.3, but without obs-text; or empty. */
static bool is_etag(slice s) {
  if (s.len == 0)
    return true;
  if (s.len < 2 || s.base[0] != '"' || s.base[s.len - 1] != '"')
    return false;
  for (size_t i = 1; i < s.len - 1; i++)
    if (!is_visible(s.base[i]) || s.base[i] == '"')
      return false;
  return true;
}

/* A URI reference that fits; of an asset, a path that stays on this host:
 * "//host" and "/\host" are taken for another one by browsers. */
static bool is_location(slice s, bool local) {
  if (s.len == 0 || s.len > PACK_LOCATION_MAX)
    return false;
  for (size_t i = 0; i < s.len; i++)
    if (!is_visible(s.base[i]))
      return false;
  return !local || (s.base[0] == '/' &&
                    (s.len == 1 || (s.base[1] != '/' && s.base[1] != '\\')));
}

bool pack_check_table(const edgestatic_store *s, const pack_table *table,
                      uint32_t records) {
  uint32_t mask = get32(table->mask);
  if ((mask & (mask + 1)) != 0 || mask == UINT32_MAX ||
      !pack_check_records(s, SECTION_SLOTS, table->first, mask + 1))
    return false;

  uint32_t free_slots = 0, run = 0, first_run = 0;
  for (uint32_t i = 0; i <= mask; i++) {
    const pack_slot *slot = (const pack_slot *)pack_record(
        s, SECTION_SLOTS, get32(table->first) + i);
    uint32_t entry = get32(slot->entry);
    if (entry > records)
      return false;
    if (entry != 0) {
      if (++run > PACK_PROBES_MAX)
        return false;
    } else {
      if (free_slots++ == 0)
        first_run = run;
      run = 0;
    }
  }
  /* The last run goes on at the table's beginning. */
  return free_slots > 0 && run + first_run <= PACK_PROBES_MAX;
}

static bool collections_ok(const edgestatic_store *s) {
  for (uint32_t i = 0; i < s->section[SECTION_COLLECTIONS].count; i++) {
    const pack_collection *c =
        (const pack_collection *)pack_record(s, SECTION_COLLECTIONS, i);
    uint32_t entries = s->section[SECTION_ENTRIES].count;
    uint16_t status = get16(c->canonical_status);
    if (!pack_check_string(s, c->name) ||
        !pack_check_table(s, &c->paths, entries) ||
        (get32(c->error_page_depth) != 0 &&
         !pack_check_table(s, &c->error_pages, entries)) ||
        get32(c->fallback) > s->section[SECTION_ASSETS].count ||
        (status != 301 && status != 302 && status != 307 && status != 308))
      return false;
  }
  return true;
}

static bool entries_ok(const edgestatic_store *s) {
  for (uint32_t i = 0; i < s->section[SECTION_ENTRIES].count; i++) {
    const pack_entry *e = pack_entry_at(s, i);
    uint16_t status = get16(e->status);
    if (!pack_check_string(s, e->path) || !pack_check_string(s, e->location))
      return false;
    slice location = pack_string(s, e->location);
    if (e->kind == ENTRY_ASSET) {
      if (!pack_check_records(s, SECTION_ASSETS, e->asset, 1) ||
          !is_location(location, true))
        return false;
    } else if (e->kind != ENTRY_REDIRECT || !is_location(location, false) ||
               (status != 301 && status != 302 && status != 303 &&
                status != 307 && status != 308)) {
      return false;
    }
  }
  return true;
}

/* No field of a run is about the framing of messages. */
static bool run_ok(const edgestatic_store *s, uint32_t first, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    slice name = pack_string(s, pack_field_at(s, first + i)->name);
    if (slice_eq_nocase(name, LIT("Content-Length")) ||
        slice_eq_nocase(name, LIT("Transfer-Encoding")))
      return false;
  }
  return true;
}

static bool assets_ok(const edgestatic_store *s) {
  for (uint32_t i = 0; i < s->section[SECTION_ASSETS].count; i++) {
    const pack_asset *a = pack_asset_at(s, i);
    if (!pack_check_string(s, a->path) || !pack_check_string(s, a->file) ||
        !pack_check_string(s, a->type) ||
        !pack_check_records(s, SECTION_VARIANTS, a->variant,
                            get16(a->variant_count)) ||
        !pack_check_records(s, SECTION_FIELDS, a->field, a->field_count) ||
        a->field_kept > a->field_count || get16(a->variant_count) == 0 ||
        !run_ok(s, get32(a->field), a->field_count) ||
        !pack_check_records(s, SECTION_FIELDS, a->bare, a->bare_count) ||
        a->bare_kept > a->bare_count || a->tls_count > a->field_count ||
        a->bare_tls > a->bare_count ||
        !run_ok(s, get32(a->bare), a->bare_count) ||
        get32(a->cors) > s->section[SECTION_CORS].count)
      return false;
    slice type = pack_string(s, a->type);
    if (type.len > PACK_TYPE_MAX || !pack_check_value(type))
      return false;
  }
  return true;
}

/* The first field of a variant says how long its body is, no other does. */
static bool content_length_ok(const edgestatic_store *s, const pack_variant *v,
                              uint64_t size) {
  if (v->field_count == 0 || v->field_kept == v->field_count)
    return false;
  const pack_field *f = pack_field_at(s, get32(v->field));
  char digits[TEXT_DIGITS];
  return run_ok(s, get32(v->field) + 1, v->field_count - 1u) &&
         slice_eq_nocase(pack_string(s, f->name), LIT("Content-Length")) &&
         slice_eq(pack_string(s, f->value),
                  slice_of(digits, text_decimal(digits, size)));
}

/* A delta coding has a dictionary, and no other coding has. */
static bool dictionary_ok(const edgestatic_store *s, const pack_variant *v) {
  uint32_t dictionary = get32(v->dictionary);
  bool is_delta =
      v->coding == EDGESTATIC_CODING_DCB || v->coding == EDGESTATIC_CODING_DCZ;
  return dictionary <= s->section[SECTION_DICTIONARIES].count &&
         (v->coding >= EDGESTATIC_CODING_COUNT || is_delta == (dictionary > 0));
}

static bool variants_ok(const edgestatic_store *s) {
  for (uint32_t i = 0; i < s->section[SECTION_VARIANTS].count; i++) {
    const pack_variant *v = pack_variant_at(s, i);
    if (!pack_check_records(s, SECTION_BLOBS, v->blob, 1) ||
        !pack_check_string(s, v->etag) || !is_etag(pack_string(s, v->etag)) ||
        !pack_check_records(s, SECTION_FIELDS, v->field, v->field_count) ||
        v->field_kept > v->field_count || !dictionary_ok(s, v) ||
        !content_length_ok(s, v, get64(pack_blob_at(s, get32(v->blob))->size)))
      return false;
  }
  return true;
}

static bool fields_ok(const edgestatic_store *s) {
  for (uint32_t i = 0; i < s->section[SECTION_FIELDS].count; i++) {
    const pack_field *f = pack_field_at(s, i);
    if (!pack_check_string(s, f->name) || !pack_check_string(s, f->value) ||
        !pack_check_string(s, f->origin) ||
        !pack_check_token(pack_string(s, f->name)) ||
        !pack_check_value(pack_string(s, f->value)))
      return false;
  }
  return true;
}

static bool blobs_ok(const edgestatic_store *s) {
  for (uint32_t i = 0; i < s->section[SECTION_BLOBS].count; i++) {
    const pack_blob *b = pack_blob_at(s, i);
    uint64_t offset = get64(b->offset);
    if (offset < s->index_size || offset > s->pack_size ||
        get64(b->size) > s->pack_size - offset)
      return false;
  }
  return true;
}

static bool dictionaries_ok(const edgestatic_store *s) {
  for (uint32_t i = 0; i < s->section[SECTION_DICTIONARIES].count; i++)
    if (!pack_check_string(s, pack_dictionary_at(s, i)->name))
      return false;
  return true;
}

static bool digests_ok(const edgestatic_store *s) {
  uint32_t count = s->section[SECTION_DIGESTS].count;
  return count == 0 || count == s->section[SECTION_BLOBS].count;
}

bool pack_check(const edgestatic_store *s) {
  /* variants_ok reads fields. */
  return blobs_ok(s) && fields_ok(s) && variants_ok(s) && assets_ok(s) &&
         entries_ok(s) && collections_ok(s) && pack_check_rules(s) &&
         pack_check_headers(s) && dictionaries_ok(s) && digests_ok(s);
}
