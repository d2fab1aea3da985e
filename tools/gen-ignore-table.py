#!/usr/bin/env python3
"""Writes tests/ignore_table.h: what git says to patterns and paths.

    tools/gen-ignore-table.py tests/ignore_table.h

Each row is an ignore file and, for each path, whether `git check-ignore`
leaves it out.  The table is committed so that the tests need no git.

SPDX-License-Identifier: MIT
"""
import os
import random
import subprocess
import sys
import tempfile

PATHS = """
a b ab abc a.c b.html .x foo bar README A z~ #x !x !
sp\x20 a\x20b sub/sp\x20 tab\t a*b a?b [a] a]b a[b a-b a^b back\\slash cafe\xe9
1 _ ,
d/a d/b d/foo d/a.c d/e/a d/e/b.html d/e/f/a d/e/f/foo d/e/f/g/a.c
foo.d/a foo.d/bar foo.d/foo/bar foo.d/x/bar foo.d/x/y/bar
bar.d/foo/a bar.d/foo/b bar.d/foo/keep bar.d/x
build/a build/sub/keep build/.x
y/a/q y/e/a/q y/foo/d/a
x/build/a x/y/build/a x/y/foo/bar x/foo x/afoo/bar x/foo1/bar
""".split("\n")

ONE = r"""
a b ab a* *a * ** ? ?? *.c *.html a/ d/ /a /d/a d/a /d/ e/ d/e d/e/ /d/e /e
d/* d/** /d/** **/a **/a/ **/e/a **/e/ d/**/a d/**/e/** **/d/**/a d/**/foo
d/*/a d/*/*/a d/*/* d/*/** **/*.c *.c/ d/*.c d/**/*.c **.c d/**.c d**a d/e**a
d**/a d/**f/a foo** foo**/bar foo.d/**/bar foo.d/**bar foo.d/x**/bar
**/foo/bar **/foo/** foo/bar /foo/bar x/**/bar x/*foo*/bar **foo/bar x/**foo/bar
*/a */*/a */ /*/ /* /** **/ ***/a d/***/a /**/a a/** a/b/** **/** */** **/*
[ab] [a-c] [!a] [^a] [a-] [-a] []a] [!]a] [\]a] [a [] [!] [a- [[:alpha:]]
[[:digit:]] [![:alpha:]] [[:upper:]] [[:lower:]_] [[:punct:]] [[:space:]]
[[:bogus:]] [[:alpha] [[:] [[.a.]] [a[:digit:]-z] [!-,] [+--] [\\] a[*]b a[?]b
[[]a] a[]]b a[[]b a[-]b a[\-]b a[^]b a[\^]b a[!-~]b d[/]a [a-d]/a [!/]a d[!x]a
\a \# \#x #x !x \!x \! \\ back\\slash back\slash a\*b a\?b \[a\] \[a] a\ b a\
foo\/bar \/a a\/ /\a \*\* d\/a d/\a **\/a d/**\/a
caf? cafe* caf?? cafe\xe9 READ* readme a.? .* .x *~ z\~ ?ar b?r f*o f*o* *o*o*
// /// a// d//a d/e// ./a ../a d/. /./a d/./a
build build/ /build build/* /build/ build/** **/build **/build/ x/build
x/**/build x/**/build/
""".split()

SPACED = [
    "", " ", "   ", "\t", "#", "# c", "!", "! x", "a ", "a  ", "a\t",
    "sp\\ ", "sp\\  ", "sp ", "sp\\", "a b", "a\\ b", " a", "tab\t", "tab\\t",
    "tab\\\t", "a\r", "sub/sp\\ ", "a \r", "\xef\xbb\xbfa", "\xef\xbb\xbf#x",
]

SEVERAL = [
    "*\n!a", "*\n!*/\n!a", "/*\n!/d", "/*\n!/d\n/d/*\n!/d/e", "a\n!a\na",
    "d/\n!d/a", "d/*\n!d/a", "d/**\n!d/**/\n!*.c", "build\n!build/sub/keep",
    "bar.d/foo/*\n!bar.d/foo/keep", "*.c\n!/d/a.c", "!a\na", "a\n\n\nb",
    "# c\na\n#b", "*\n!*.html\n!d\n!d/e", "d/e\n!d/e/f/a", "**\n!**/\n!a",
    "*/\n!d/", "*.*\n!*.c", "foo*\n!foo", "a\r\nb\r\n", "/*\n!/x\n!/build/",
    "a\n!a/", "!d\nd/", "d/e/f\n!d/e/f/foo", "[ab]\n!a", "a*\n!\\a*", "**/a\n!/a",
]


# Here git departs from its manual, which says that stars next to something
# else than a slash are regular ones: it cuts the literal beginning off and
# takes what is left for a pattern that begins with "**".  An escaped slash
# after "**" makes it want at least one folder.  edgestatic follows the manual.
LEFT_OUT = {"d**/a", "foo**/bar", "foo.d/x**/bar", "d/**\\/a"}


def random_rows(count):
    rng = random.Random(20)
    atoms = ["a", "b", "d", "e", "f", "foo", "x", "bar", "a.c", "*", "*", "?",
             "**", "[ab]", "[!b]", "[a-f]", "\\a", ".", "c", "build"]
    rows = []
    while len(rows) < count:
        segments = []
        for _ in range(rng.choice([1, 1, 2, 2, 3, 4])):
            segment = "".join(rng.choice(atoms)
                              for _ in range(rng.choice([1, 1, 1, 2, 3])))
            segments.append(segment)
        row = (rng.choice(["", "", "", "/"]) + "/".join(segments)
               + rng.choice(["", "", "", "/"]))
        if rng.random() < 0.2 and rows:
            row = rng.choice(["*", "d", "**/e", row]) + "\n!" + row
        rows.append(row)
    return rows


def c_string(data):
    out = ""
    for byte in data:
        if byte == 10:
            out += "\\n"
        elif byte in b'"\\?':
            out += "\\" + chr(byte)
        elif 32 <= byte < 127:
            out += chr(byte)
        else:
            out += f"\\{byte:03o}"
    return out


def main():
    # A path that ends with a blank needs one that split() does not cut.
    paths = []
    for line in PATHS:
        for word in line.replace("sp ", "sp\0").replace("a b", "a\0b").split(" "):
            if word:
                paths.append(word.replace("\0", " ").encode("latin-1"))
    paths = sorted(set(paths))
    rows = [row for row in dict.fromkeys(
        ONE + SPACED + SEVERAL + random_rows(300)) if row not in LEFT_OUT]
    lines = []
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["git", "init", "-q", root], check=True)
        for path in paths:
            full = os.path.join(root.encode(), path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb"):
                pass
        for row in rows:
            data = row.encode("latin-1")
            with open(os.path.join(root, ".gitignore"), "wb") as file:
                file.write(data + b"\n")
            done = subprocess.run(
                ["git", "-C", root, "-c", "core.excludesFile=/dev/null",
                 "-c", "core.ignoreCase=false", "check-ignore", "--no-index",
                 "-z", "--stdin"],
                input=b"\0".join(b"./" + path for path in paths) + b"\0",
                capture_output=True, check=False)
            if done.returncode not in (0, 1):
                sys.exit(done.stderr.decode())
            out = set(done.stdout.split(b"\0"))
            bits = "".join("01"[b"./" + path in out] for path in paths)
            lines.append(f'    {{"{c_string(data)}",\n     "{bits}"}},')
    version = subprocess.run(["git", "--version"], capture_output=True,
                             check=True, text=True).stdout.strip()
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.write(
            f"/* ignore_table.h - made by tools/gen-ignore-table.py from what\n"
            f" * {version} says; do not edit.\n"
            " * SPDX-License-Identifier: MIT */\n"
            "/* clang-format off */\n"
            "static const char *const ignore_paths[] = {\n")
        for path in paths:
            file.write(f'    "{c_string(path)}",\n')
        file.write("};\n\n"
                   "static const struct {\n"
                   "  const char *text; /* of the ignore file */\n"
                   "  const char *out;  /* for each path: '1' is left out */\n"
                   "} ignore_rows[] = {\n")
        file.write("\n".join(lines) + "\n};\n")


main()
