#!/usr/bin/env python3
"""tests/policy.py: what --security-headers and the other options of policy send
with each kind of answer of the real server.

Run by `make check' in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import http.client, os, sys, tempfile

os.environ.setdefault("BUILD", os.getcwd())  # of serve.py
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import serve

FILES = {"index.html": "<!doctype html><title>x</title>",
         "docs/a.html": "<!doctype html><title>a</title>",
         "a.css": "p { color: red }\n", "a.woff2": "wOF2",
         "_redirects": "/old /docs/a 301\n",
         "_headers": "/docs/*\n  X-Frame-Options: DENY\n"}
OPTIONS = ["--security-headers", "--cross-origin-isolation", "--noindex",
           "--cache-tags", "surrogate-key", "--cors", "*.woff2=*",
           "--cdn-cache-rule", "*.css=max-age=60",
           "--surrogate-rule", "*.css=max-age=61",
           "--cache-rule", "*.css=max-age=62", "--no-cache"]
PRESETS = {"Referrer-Policy": "strict-origin-when-cross-origin",
           "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
           "Cross-Origin-Opener-Policy": "same-origin",
           "Cross-Origin-Embedder-Policy": "require-corp"}
FRAMES = {"X-Frame-Options": "SAMEORIGIN"}
ISOLATED = {"Cross-Origin-Resource-Policy": "same-origin"}
CSS = {**ISOLATED, "CDN-Cache-Control": "max-age=60",
       "Surrogate-Control": "max-age=61", "Cache-Control": "max-age=62"}
CASES = [
    ("GET", "/", {}, 200, {**PRESETS, **FRAMES, **ISOLATED}),
    ("GET", "/", {"If-None-Match": "*"}, 304,
     {**PRESETS, **FRAMES, **ISOLATED}),
    ("GET", "/", {"Range": "bytes=0-3"}, 206,
     {**PRESETS, **FRAMES, **ISOLATED}),
    ("GET", "/docs/a", {}, 200, {**PRESETS, "X-Frame-Options": "DENY"}),
    ("GET", "/old", {}, 301, {**PRESETS, **FRAMES, "Location": "/docs/a"}),
    ("GET", "/docs/a.html", {}, 308, {**PRESETS, **FRAMES}),
    ("GET", "/none", {}, 404, {**PRESETS, **FRAMES,
                               "Cache-Control": "no-store"}),
    ("GET", "/docs/none", {}, 404, {**PRESETS, "X-Frame-Options": "DENY"}),
    ("PUT", "/", {}, 405, {**PRESETS, **FRAMES}),
    ("OPTIONS", "/", {}, 204, {**PRESETS, **FRAMES}),
    ("GET", "/a.css", {}, 200, CSS),
    ("GET", "/a.css", {"If-None-Match": "*"}, 304, CSS),
    ("GET", "/a.css", {"Range": "bytes=0-3"}, 206, CSS),
    ("GET", "/a.woff2", {"Origin": "https://a.example"}, 200,
     {"Access-Control-Allow-Origin": "*",
      "Cross-Origin-Resource-Policy": "cross-origin"})]


def write_site(site):
    for name, text in FILES.items():
        path = os.path.join(site, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)


def check(count, port, method, target, fields, status, wanted):
    connection = http.client.HTTPConnection("127.0.0.1", port, 30)
    connection.request(method, target, headers=fields)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    what = "%s %s %s: " % (method, target, fields)
    count.test(answer.status == status, what + str(answer.status))
    for name, value in {**wanted, "X-Robots-Tag": "noindex"}.items():
        got = answer.headers.get_all(name)
        count.test(got == [value], "%s%s: %s" % (what, name, got))
    # The server speaks plain HTTP.
    count.test("Strict-Transport-Security" not in answer.headers,
               what + "HSTS")
    count.test(("Surrogate-Key" in answer.headers) ==
               (status in (200, 206, 304)), what + "Surrogate-Key")


count = serve.Count()
with tempfile.TemporaryDirectory(prefix="policy-", dir=serve.BUILD) as site:
    write_site(site)
    with serve.Server(site, *OPTIONS) as server:
        for case in CASES:
            check(count, server.port, *case)
count.end()
