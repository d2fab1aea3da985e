#!/usr/bin/env python3
"""Writes libedgestatic/build/mime_table.c from mime-db's db.json.

    npm pack mime-db@1.54.0 && tar xf mime-db-1.54.0.tgz
    tools/gen-mime.py package/db.json libedgestatic/build/mime_table.c

mime-db (MIT) joins IANA's registry of media types with the tables of Apache
and nginx.  Where several types claim an extension, the one that is most
official wins, scored as its authors do in mime-score: registered trees before
vendor trees before x- names (RFC 6838 section 3), IANA before mime-db's own
additions before Apache before nginx, video before audio and fonts before
application before the rest, shorter before longer.  So .xml is
application/xml: text/xml is an alias of it (RFC 7303 section 9.2), and the
two are treated alike since that RFC.

SPDX-License-Identifier: MIT
"""
import json
import re
import sys

VERSION = "1.54.0"
LONGEST = 13  # MIME_EXTENSION_ROOM without its NUL

# What mime-db does not know, each with its reason.
OURS = {
    "flac": "audio/flac",  # RFC 9639 section 10.1; mime-db has audio/x-flac
    "tgz": "application/gzip",  # .tar.gz by its short name
    "zst": "application/zstd",  # RFC 8878 section 7.1
}

# Outside of text/ and the XML types (+xml: RFC 7303 section 9), with a charset
# parameter in their registration.
CHARSET = {"application/xml", "application/xml-dtd", "application/sql"}

TREE = {"prs.": 100, "x-": 200, "x.": 300, "vnd.": 400}
SOURCE = {"nginx": 10, "apache": 20, None: 30, "iana": 40}
KIND = {"application": 1, "font": 2, "audio": 2, "video": 3}


def score(name, source):
    if name == "application/octet-stream":
        return 0
    kind, subtype = name.split("/")
    tree = re.sub(r"(\.|x-).*", r"\1", subtype)
    return (TREE.get(tree, 900) + SOURCE[source] + KIND.get(kind, 0) + 1
            - len(name) / 100)


def has_charset(name):
    return (name.startswith("text/") or name.endswith("+xml")
            or name in CHARSET)


def choose(db):
    best = {}
    for name in sorted(db):
        value = score(name, db[name].get("source"))
        for extension in db[name].get("extensions", []):
            if len(extension) <= LONGEST:
                best[extension] = max(best.get(extension, (-1, "")),
                                      (value, name))
    table = {extension: name for extension, (_, name) in best.items()}
    table.update(OURS)
    return table


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        table = choose(json.load(file))
    lines = [
        f"/* mime_table.c - made by tools/gen-mime.py from mime-db {VERSION};"
        " do not edit.",
        " * SPDX-License-Identifier: MIT */",
        '#include "build/mime.h"',
        "",
        "/* clang-format off */",
        "const struct mime_row mime_table[] = {",
    ]
    for extension in sorted(table, key=lambda e: e.encode()):
        name = table[extension]
        charset = has_charset(name)
        text = name + ("; charset=utf-8" if charset else "")
        lines.append(f'  {{"{extension}", {len(name)}, {int(charset)},'
                     f' "{text}"}},')
    lines += [
        "};",
        "",
        "const size_t mime_table_count = sizeof mime_table / sizeof"
        " *mime_table;",
        "",
    ]
    with open(target, "w", encoding="ascii") as file:
        file.write("\n".join(lines))


main()
