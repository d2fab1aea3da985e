#!/usr/bin/env python3
"""gen-shell.py WIT MODULE [--check SHELL]: writes the shell of a component
guest, which is all of the component but the module in it.

  tools/gen-shell.py adapters/guest/wit/wasi-http.wit \\
    BUILD/guests/obj/wasi_http.wasm >adapters/guest/wit/wasi-http.shell

wasm-tools makes the component of the WIT and a stand-in for the module: its
imports in sorted order, the exports that the component model knows, no code.
So the shell follows from the interface alone, not from a compiler.  It is
written as hexadecimal numbers, which the build puts around the real module
(adapters/guest/wrap.c): to build needs no wasm-tools.

--check compares with a shell that exists, and says by its exit status.
SPDX-License-Identifier: MIT
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

LINE = 36  # bytes on a line

SECTIONS = ["custom", "module", "core instance", "core type", "component",
            "instance", "alias", "type", "canonical function", "start",
            "import", "export", "value"]


def tool(*arguments):
    return subprocess.run(["wasm-tools", *arguments], check=True,
                          stdout=subprocess.PIPE).stdout


def stand_in(module):
    """The interface of a core module, as text without code."""
    text = tool("print", module).decode()
    imports = re.findall(r'^  \(import ("[^"]*") ("[^"]*") '
                         r'\(func \(;\d+;\) \(type \d+\)(.*)\)\)$', text, re.M)
    types = dict(re.findall(r'^  \(func \(;(\d+);\) \(type \d+\)'
                            r'((?: \((?:param|result)[^)]*\))*)', text, re.M))
    exports = re.findall(r'^  \(export ("[^"]*") \(func (\d+)\)\)$', text, re.M)
    if not imports or not exports:
        sys.exit(f"gen-shell.py: {module}: imports or exports nothing")
    lines = ["(module"]
    for where, name, kind in sorted(imports):
        lines.append(f"(import {where} {name} (func{kind}))")
    lines.append('(memory (export "memory") 1)')
    for name, number in sorted(exports):
        if not name.startswith('"edgestatic_'):
            lines.append(f"(func (export {name}){types[number]} unreachable)")
    return "\n".join(lines) + ")\n"


def leb(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def sections(component):
    """(name, bytes with their head) of each section."""
    at = 8
    while at < len(component):
        size, begin = leb(component, at + 1)
        yield SECTIONS[component[at]], component[at:begin + size]
        at = begin + size


def shell(wit, module):
    world = os.path.splitext(os.path.basename(wit))[0]
    with tempfile.TemporaryDirectory() as work:
        wat, core, made, plain = (os.path.join(work, n)
                                  for n in ("c.wat", "c", "m", "p"))
        with open(wat, "w", encoding="ascii") as out:
            out.write(stand_in(module))
        tool("component", "embed", wit, wat, "--world", world, "-o", core)
        tool("component", "new", core, "-o", made)
        tool("strip", "--all", made, "-o", plain)
        with open(plain, "rb") as file:
            component = file.read()

    lines = [f"# The component around the module of {world}.wasm, made by",
             "# tools/gen-shell.py of the .wit beside it: do not edit.",
             "# SPDX-License-Identifier: MIT"]

    def add(name, data):
        lines.append(f"# {name}")
        for i in range(0, len(data), LINE):
            lines.append(data[i:i + LINE].hex())

    add("component", component[:8])
    seen = False
    for name, data in sections(component):
        # The first module is the stand-in; others, of wasm-tools, are glue.
        if name == "module" and not seen:
            seen = True
            lines.append("module")
        else:
            add(name, data)
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("wit")
    parser.add_argument("module")
    parser.add_argument("--check", metavar="SHELL")
    options = parser.parse_args()
    made = shell(options.wit, options.module)
    if not options.check:
        sys.stdout.write(made)
        return
    with open(options.check, encoding="ascii") as file:
        if file.read() != made:
            sys.exit(f"{options.check} is not what {options.wit} gives: "
                     f"{sys.argv[0]} {options.wit} {options.module} "
                     f">{options.check}")


if __name__ == "__main__":
    main()
