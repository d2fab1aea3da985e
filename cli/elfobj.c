/* elfobj.c - see elfobj.h.
 *
 *   header | bytes, their length (.rodata) | .symtab | .strtab | .shstrtab
 *          | section headers
 *
 * Class, byte order, machine and flags are those of this program's own header,
 * which the linker has left in memory: an object for the machine we run on.
 * `ld -r -b binary` would need a linker, align to 1 and name the symbols by
 * the path; `.incbin` would need an assembler.
 *
 * SPDX-License-Identifier: MIT
 */
#include "config.h"

#include "elfobj.h"

#include <stdlib.h>
#include <string.h>

#ifdef __ELF__
#include <elf.h>
#include <link.h> /* ElfW: the class of this machine */

/* Defined by the linker. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

enum { NUL, RODATA, SYMTAB, STRTAB, SHSTRTAB, STACK, SECTIONS };

/* The names of the sections, one after another. */
static const char section_names[] =
    "\0.rodata\0.symtab\0.strtab\0.shstrtab\0.note.GNU-stack";
static const unsigned section_name[SECTIONS] = {0, 1, 9, 17, 25, 35};

struct object {
  ElfW(Ehdr) header;
  ElfW(Sym) symbol[3]; /* the first is none */
  ElfW(Shdr) section[SECTIONS];
  char *names; /* of the symbols */
  size_t names_len;
};

static size_t align(size_t offset, size_t to) {
  return (offset + to - 1) / to * to;
}

/* "", symbol, symbol_len: each with its NUL. */
static int set_names(struct object *object, const char *symbol) {
  size_t len = strlen(symbol);
  object->names_len = 1 + (len + 1) + (len + sizeof "_len");
  object->names = calloc(1, object->names_len);
  if (!object->names)
    return -1;
  memcpy(object->names + 1, symbol, len);
  memcpy(object->names + 1 + len + 1, symbol, len);
  memcpy(object->names + 1 + len + 1 + len, "_len", sizeof "_len");
  return 0;
}

static void set_header(ElfW(Ehdr) * header) {
  *header = __ehdr_start;
  header->e_type = ET_REL;
  header->e_entry = 0;
  header->e_phoff = 0;
  header->e_phentsize = 0;
  header->e_phnum = 0;
  header->e_shentsize = sizeof(ElfW(Shdr));
  header->e_shnum = SECTIONS;
  header->e_shstrndx = SHSTRTAB;
}

static void set_symbols(struct object *object, size_t len,
                        size_t length_offset) {
  for (int i = 1; i <= 2; i++) {
    /* The macro is the same for both classes. */
    object->symbol[i].st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
    object->symbol[i].st_shndx = RODATA;
  }
  object->symbol[1].st_name = 1;
  object->symbol[1].st_size = len;
  object->symbol[2].st_name = (unsigned)strlen(object->names + 1) + 2;
  object->symbol[2].st_value = length_offset;
  object->symbol[2].st_size = sizeof(size_t);
}

/* A section of size bytes at the next place that suits it; returns its end. */
static size_t set_section(struct object *object, int i, unsigned type,
                          size_t offset, size_t size, size_t alignment) {
  ElfW(Shdr) *section = &object->section[i];
  section->sh_name = section_name[i];
  section->sh_type = type;
  section->sh_offset = align(offset, alignment);
  section->sh_size = size;
  section->sh_addralign = alignment;
  return section->sh_offset + size;
}

static void set_sections(struct object *object, size_t rodata_size) {
  size_t end = sizeof object->header;
  end =
      set_section(object, RODATA, SHT_PROGBITS, end, rodata_size, ELFOBJ_ALIGN);
  object->section[RODATA].sh_flags = SHF_ALLOC;
  end = set_section(object, SYMTAB, SHT_SYMTAB, end, sizeof object->symbol,
                    sizeof(size_t));
  object->section[SYMTAB].sh_link = STRTAB;
  object->section[SYMTAB].sh_info = 1; /* the first global symbol */
  object->section[SYMTAB].sh_entsize = sizeof(ElfW(Sym));
  end = set_section(object, STRTAB, SHT_STRTAB, end, object->names_len, 1);
  end = set_section(object, SHSTRTAB, SHT_STRTAB, end, sizeof section_names, 1);
  /* Its presence says that the program needs no executable stack. */
  end = set_section(object, STACK, SHT_PROGBITS, end, 0, 1);
  object->header.e_shoff = align(end, sizeof(size_t));
}

/* Writes at an offset at or after where the stream is. */
static void put(FILE *stream, size_t *at, size_t offset, const void *bytes,
                size_t len) {
  for (; *at < offset; ++*at)
    putc(0, stream);
  fwrite(bytes, 1, len, stream);
  *at += len;
}

int elfobj_write(FILE *stream, const char *symbol, const void *bytes,
                 size_t len) {
  struct object object;
  memset(&object, 0, sizeof object);
  if (set_names(&object, symbol) != 0)
    return -1;
  size_t length_offset = align(len, sizeof(size_t));
  set_header(&object.header);
  set_symbols(&object, len, length_offset);
  set_sections(&object, length_offset + sizeof(size_t));

  size_t at = 0;
  const ElfW(Shdr) *section = object.section;
  put(stream, &at, 0, &object.header, sizeof object.header);
  put(stream, &at, section[RODATA].sh_offset, bytes, len);
  put(stream, &at, section[RODATA].sh_offset + length_offset, &len, sizeof len);
  put(stream, &at, section[SYMTAB].sh_offset, object.symbol,
      sizeof object.symbol);
  put(stream, &at, section[STRTAB].sh_offset, object.names, object.names_len);
  put(stream, &at, section[SHSTRTAB].sh_offset, section_names,
      sizeof section_names);
  put(stream, &at, object.header.e_shoff, object.section,
      sizeof object.section);
  free(object.names);
  return 0;
}

#else

int elfobj_write(FILE *stream, const char *symbol, const void *bytes,
                 size_t len) {
  (void)stream;
  (void)symbol;
  (void)bytes;
  (void)len;
  return -1;
}

#endif
