"""The requests of the parity test, from two sites; ruled.py has two more.

`cases` takes those request cases of tests/conformance that do not test the
syntax and framing of messages (the "raw" ones do), with the requests that
prime them.  `blog` asks for every path of examples/hugo-blog in every coding,
with preconditions, ranges, other spellings and methods.
SPDX-License-Identifier: MIT
"""
import json, types
from urllib.parse import quote
from ask import AUTHORITY, Request, run_cases

# What clients send: each form on its own path of the site.
ACCEPT_ENCODING = [
    "gzip, deflate, br, zstd", "gzip, deflate", "br;q=1.0, gzip;q=0.8, *;q=0.1",
    "*", "*;q=0", "identity;q=0", "gzip;q=0", "identity;q=1, br;q=0.5",
    "GZIP", "x-gzip", "zstd;q=0.001", "br ; q=0.5 , gzip ; q=0.5", ", ,br", "",
    "dcb, dcz, br", "gzip;q=2", "br;foo=1"]


class Reply:
    """An answer in the form in which run_cases fills in templates."""

    def __init__(self, answer):
        self.fields = dict(answer.fields)

    def get(self, name):
        return self.fields.get(name.lower())


def plain(case, request, ctx, primes):
    """A request of cases.json as a Request."""
    fields = tuple((name, run_cases.subst(value, ctx, primes).strip(" \t"))
                   for name, value in request.get("headers", []))
    return Request(case["group"], request.get("method", "GET"),
                   run_cases.subst(request["path"], ctx, primes), fields)


def cases(core):
    """The requests, and how many cases were left out."""
    # All that templates need to know of a server.
    data = {name: run_cases.content(fixture["content"])
            for name, fixture in run_cases.load()["fixtures"].items()}
    ctx = types.SimpleNamespace(hosthdr=AUTHORITY, host=AUTHORITY, port=80,
                                data=data)
    requests, left_out = [], 0
    for case in run_cases.load()["cases"]:
        if "raw" in case.get("request", {"raw": 0}):
            left_out += 1
            continue
        primes = []
        for request in case.get("prime", []):
            requests.append(plain(case, request, ctx, primes))
            primes.append(Reply(core.one(requests[-1])))
        try:
            requests.append(plain(case, case["request"], ctx, primes))
        except (AttributeError, TypeError):
            left_out += 1  # asks with a validator that this site hasn't
    navigation = (("Sec-Fetch-Mode", "navigate"),
                  ("Sec-Fetch-Dest", "document"))
    requests += [
        Request("fallback", method, "/no/such/page", fields)
        for method in ("GET", "HEAD")
        for fields in (navigation, (("Sec-Fetch-Mode", "cors"),),
                       (("Accept", "text/html,*/*;q=0.8"),),
                       (("Accept", "image/avif,*/*"),))]
    return requests, left_out


def spellings(path):
    """Other ways to write a path, most of which redirect."""
    if path.endswith("/"):
        yield path + "index.html"
        yield path + "index"
        if path != "/":
            yield path[:-1]
            yield path[:-1] + "?q=1&r=%20"
    else:
        yield path + "/"
        yield path + ".html"
    yield path + "?utm=1"


def blog(listing):
    """Requests to the site that `edgestatic ls --json` lists."""
    requests = []

    def add(group, target, *fields, method="GET"):
        requests.append(Request(group, method, target, fields))

    accept = lambda coding: ("Accept-Encoding", coding)
    for number, asset in enumerate(json.loads(listing)):
        path = quote(asset["path"], safe="/!$&'()*+,;=:@~")
        if asset["error_page"]:
            for variant in asset["variants"]:
                for method in ("GET", "HEAD"):
                    add("missing", path + "no-such-thing",
                        accept(variant["coding"]), method=method)
            continue
        add("plain", path)
        add("plain", path, method="HEAD")
        for variant in asset["variants"]:
            coding, etag = variant["coding"], variant["etag"]
            match = ("If-None-Match", etag)
            add("coding", path, accept(coding))
            add("coding", path, accept(coding), method="HEAD")
            add("precondition", path, accept(coding), match)
            add("range", path, accept(coding), ("Range", "bytes=1-100"))
        add("coding", path, accept(ACCEPT_ENCODING[number %
                                                   len(ACCEPT_ENCODING)]))
        # Of all codings, but the validator is of one: that of the last.
        add("precondition", path, accept("gzip, br, zstd"), match)
        add("precondition", path, ("If-None-Match", "W/" + etag))
        add("precondition", path, match, method="HEAD")
        add("precondition", path, ("If-Match", '"other"'))
        date = run_cases.imf(asset["mtime"])
        add("precondition", path, ("If-Modified-Since", date))
        add("precondition", path, ("If-Modified-Since", date),
            ("If-None-Match", '"other"'))
        add("precondition", path, ("If-Unmodified-Since",
                                   "Thu, 01 Jan 1970 00:00:01 GMT"))
        for value in ("bytes=-20", "bytes=10-", "bytes=0-0,-1",
                      "bytes=5-9, 100-120, 1-2", "bytes=99999999-"):
            add("range", path, ("Range", value))
        part = ("Range", "bytes=2-5")
        add("range", path, part, ("If-Range", etag))
        add("range", path, part, ("If-Range", '"other"'))
        add("range", path, part, ("If-Range", date))
        add("range", path, part, method="HEAD")
        for target in spellings(path):
            add("spelling", target)
        add("missing", path.rstrip("/") + "/no-such-thing")
        add("missing", path.rstrip("/") + "/no-such-thing", accept("br, gzip"))
        add("method", path, method="OPTIONS")
        add("method", path, ("Content-Length", "0"), method="POST")
        if path != asset["path"]:  # as no client may, and some do
            add("spelling", asset["path"].encode().decode("latin-1"))
    add("method", "*", method="OPTIONS")
    for method in ("DELETE", "PUT", "TRACE", "PROPFIND", "get"):
        add("method", "/", ("Content-Length", "0"), method=method)
    return requests


def write(requests, path):
    """One JSON array a line: what is asked, in words of JSON."""
    with open(path, "w", encoding="utf-8") as f:
        for request in requests:
            f.write(json.dumps(request) + "\n")


def distinct(requests):
    """Without repetitions, in order."""
    return list({r[1:]: r for r in reversed(requests)}.values())[::-1]
