"""docs/parity.md: the tables of hosts.py for readers.

SPDX-License-Identifier: MIT
"""
from rules import Field

HEAD = """# What a host changes

<!-- Written by `tests/parity/run --table`; do not edit. -->

The same pack gives the same answer on every host: status, fields and content.
`tests/parity/run` proves it with one corpus of requests: those of
`tests/conformance` that are not about the syntax of messages, every path of
`examples/hugo-blog` in every coding, with preconditions, ranges, other
spellings and methods, and two sites with `_redirects`, `_headers`, CORS,
presets, cache tags and kept assets, one in Netlify's dialect and one in
Cloudflare's. What the core itself answers is the measure. The order
of differently named fields and the case of their names are left out of the
comparison, since they mean nothing (RFC 9110, sections 5.1 and 5.3), and so is
whether a list is one field line or several.

What is a host's own is below. A difference that is not listed here fails the
test, and so does a line here that no request needs any more.

"""


def text(line):
    """A line of a host's table as one sentence."""
    if isinstance(line, Field):
        met = "" if line.kind == "all" else " (%s)" % line.kind
        return "%s %s%s" % (line.what, line.name, met)
    return "%s: %s" % (line.kind, line.text)


def code(kind):
    return kind.replace("|", "\\\\|").replace("<", "&lt;").replace(">", "&gt;")


def document(hosts):
    out = HEAD
    for host in hosts:
        out += "## %s\n\n" % host.title
        if host.note:
            out += host.note + "\n\n"
        if host.fields:
            out += "| field | when | the host | why |\n"
            out += "| --- | --- | --- | --- |\n"
            for f in host.fields:
                out += "| %s | %s | %s | %s |\n" % (
                    f.name, "always" if f.kind == "all" else code(f.kind),
                    "adds it" if f.what == "adds" else "leaves it out", f.why)
            out += "\n"
        if host.requests:
            out += "| request | the host | why |\n| --- | --- | --- |\n"
            for r in host.requests:
                out += "| %s | %s | %s |\n" % (code(r.kind), code(r.text),
                                              r.why)
            out += "\n"
        if not host.fields and not host.requests:
            out += "Nothing.\n\n"
    return out.rstrip("\n") + "\n"
