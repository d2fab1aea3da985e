"""How a host may differ, and what the words for it mean.

A host's table says which fields are its own (Field) and what it does to
requests before a guest sees them (Refuses, Passes, Takes, Apart).  What the
table does not say is a failure, and so is a line of it that nothing needs.
SPDX-License-Identifier: MIT
"""
import re
from urllib.parse import quote, unquote_to_bytes


def path_of(request):
    return request.target.split("?")[0]


def decoded(path):
    return unquote_to_bytes(path.encode("latin-1"))


def recoded(path):
    """Decoded, and what is no pchar encoded again (RFC 3986 section 3.3)."""
    return quote(decoded(path), safe="/-._~!$&'()*+,;=:@")


DOTS = re.compile(r"/(\.|%2e){1,2}(/|$)", re.I)
ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

# Kinds of requests: what is said in the table, and how to know one.
KINDS = {
    "all": lambda r: True,
    "target *": lambda r: r.target == "*",
    "dot segments or \\ in the path": lambda r: "\\" in path_of(r) or
        DOTS.search(path_of(r)),
    '" { or } in the path': lambda r: re.search('["{}]', path_of(r)),
    "< or > in the target": lambda r: re.search("[<>]", r.target),
    "bytes above 127 in the target": lambda r: re.search(r"[\x80-\xff]",
                                                         r.target),
    "% without two digits": lambda r: ESCAPE.search(path_of(r)),
    "escapes that need not be, or lack": lambda r: recoded(
        path_of(r)) != path_of(r),
    "what is not UTF-8 in the path": lambda r: "\ufffd" in decoded(
        path_of(r)).decode("utf-8", "replace"),
    "%00 in the path": lambda r: "%00" in path_of(r),
    "target of more than 65,000 bytes": lambda r: len(r.target) > 65000,
    "an Accept-Encoding": lambda r: any(n == "Accept-Encoding"
                                        for n, _ in r.fields),
    "a Range or an If- field": lambda r: any(
        n == "Range" or n.startswith("If-") for n, _ in r.fields),
    "an Available-Dictionary": lambda r: any(n == "Available-Dictionary"
                                             for n, _ in r.fields),
    "an Accept without a Sec-Fetch-Mode": lambda r: [
        n for n, _ in r.fields if n in ("Accept", "Sec-Fetch-Mode")] ==
        ["Accept"],
    "over TLS": lambda r: r.tls,
    "a country": lambda r: r.country != "",
    "a comma and a blank in a Cookie": lambda r: any(
        n == "Cookie" and ", " in v for n, v in r.fields),
    "a Cookie": lambda r: any(n == "Cookie" for n, _ in r.fields),
    "a method in lower case": lambda r: r.method != r.method.upper(),
    "a method other than GET and HEAD": lambda r: r.method not in ("GET",
                                                                   "HEAD"),
}


# Kinds that the core's answer tells.
ANSWERS = {
    "two lines of it": lambda a: [n for n, _ in a.fields].count(
        "set-cookie") > 1,
    "status 304": lambda a: a.status == 304,
    "content of more than 28,000 bytes": lambda a: int(
        dict(a.fields).get("content-length", 0)) > 28000,
}


def is_kind(kind, request, answer):
    if kind in ANSWERS:
        return ANSWERS[kind](answer)
    return bool(KINDS[kind](request))


class Field:
    """The host adds a response field or leaves it out, for a kind."""

    def __init__(self, name, what, why, kind="all"):
        assert what in ("adds", "leaves out"), what
        self.name, self.what, self.why, self.kind = name, what, why, kind

    def apply(self, want, got):
        """Fields of both sides without one of this name on one of them; None
        when it is not there."""
        fields = got if self.what == "adds" else want
        for i, (name, _) in enumerate(fields):
            if name == self.name.lower():
                less = fields[:i] + fields[i + 1:]
                return (want, less) if self.what == "adds" else (less, got)
        return None


class Refuses:
    """The host answers by itself, with this status."""

    def __init__(self, kind, status, why):
        self.kind, self.status, self.why = kind, status, why
        self.text = "answers %d by itself" % status


# What a driver says of such a request instead of an answer.
PASSED_ON = "passed on"


class Passes:
    """The host may hand the request on to what is behind it."""

    text = "may pass it on"

    def __init__(self, kind, why):
        self.kind, self.why = kind, why


class Takes:
    """The host makes another request of it: what `change` returns."""

    def __init__(self, kind, change, text, why):
        self.kind, self.change, self.text, self.why = kind, change, text, why


def root(request):
    return request._replace(target="/")


def whole(request):
    return request._replace(fields=tuple(
        f for f in request.fields
        if f[0] != "Range" and not f[0].startswith("If-")))


def over_tls(request):
    return request._replace(tls=True)


def not_over_tls(request):
    return request._replace(tls=False)


def of_no_country(request):
    return request._replace(country="")


def of_an_unknown_country(request):
    return request._replace(country="XX")


def cookies_split(request):
    return request._replace(fields=tuple(
        (n, v.replace(", ", "; ") if n == "Cookie" else v)
        for n, v in request.fields))


def without(name):
    return lambda request: request._replace(fields=tuple(
        f for f in request.fields if f[0] != name))


def escapes_made_anew(request):
    path = path_of(request)
    rest = request.target[len(path):]
    return request._replace(target=recoded(path) + rest)


def escaped(request):
    path = path_of(request)
    rest = request.target[len(path):]
    return request._replace(target=re.sub(
        '["{}]', lambda m: "%%%02X" % ord(m[0]), path) + rest)


def in_no_navigation(request):
    return request._replace(fields=request.fields + (
        ("Sec-Fetch-Mode", "cors"),))


def dots_resolved(request):
    """As the URL standard resolves a path: the last "." is "", too."""
    path = path_of(request)
    rest = request.target[len(path):]
    out = []
    parts = path.replace("\\", "/").split("/")[1:]
    for i, part in enumerate(parts):
        plain = part.lower().replace("%2e", ".")
        if plain == "..":
            del out[-1:]
        elif plain != ".":
            out.append(part)
        if plain in (".", "..") and i == len(parts) - 1:
            out.append("")
    return request._replace(target="/" + "/".join(out) + rest)


class Apart:
    """What cannot be asked here at all."""

    def __init__(self, kind, why):
        self.kind, self.why = kind, why
        self.text = "is not asked"
