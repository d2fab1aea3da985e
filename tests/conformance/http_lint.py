"""Gives live requests and their responses to httplint; see http-lint.

By the library, since its command takes bodies for text and cannot know the
request (HEAD, Range, If-*, Accept-Encoding).  One BAD or WARN note fails.
SPDX-License-Identifier: MIT
"""
import base64, os, sys, time
from urllib.parse import urlsplit

from httplint import HttpRequestLinter, HttpResponseLinter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.dirname(HERE))
import run_cases
import serve

# A real image, since httplint looks into it.
PIXEL = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
         "WjR9awAAAABJRU5ErkJggg==")

PLAIN = [
    ("GET", []),
    ("HEAD", []),
    ("GET", [("Accept-Encoding", "gzip")]),
    ("GET", [("Accept-Encoding", "br")]),
    ("GET", [("Accept-Encoding", "zstd")]),
    ("GET", [("Accept-Encoding", "gzip, deflate, br, zstd")]),
    ("OPTIONS", []),
    ("POST", [("Content-Length", "0")]),
    ("FOO", []),
]
CONTENT = [
    ("GET", [("Accept-Encoding", "identity;q=0, *;q=0")]),
    ("GET", [("Range", "bytes=0-3")]),
    ("GET", [("Range", "bytes=0-0,300-303")]),
    ("GET", [("Range", "bytes=99999999-")]),
    ("GET", [("If-Match", '"nope"')]),
]


def exchange(base, method, path, fields):
    u = urlsplit(base)
    fields = [("Host", "%s:%d" % (u.hostname, u.port)), ("User-Agent", "lint"),
              ("Connection", "close")] + fields
    conn = run_cases.Conn(u.hostname, u.port, 4)
    conn.send(("%s %s HTTP/1.1\r\n%s\r\n\r\n" % (
        method, path, "\r\n".join("%s: %s" % f for f in fields))).encode())
    response = run_cases.read_response(conn, method, 4)
    conn.close()
    return response, fields


def lint(base, method, path, fields):
    start = time.time()
    r, sent = exchange(base, method, path, fields)
    raw = lambda pairs: [(k.encode("latin-1"), v.encode("latin-1"))
                         for k, v in pairs]
    request = HttpRequestLinter(start_time=start)
    request.process_request_topline(method.encode(), (base + path).encode(),
                                    b"1.1")
    request.process_headers(raw(sent))
    request.finish_content(True)
    response = HttpResponseLinter(start_time=start,
                                  no_content=(method == "HEAD"))
    response.is_head_response = method == "HEAD"
    response.request = request
    response.base_uri = base + path
    response.process_response_topline(
        r.version.encode(), str(r.status).encode(), r.reason.encode("latin-1"))
    response.process_headers(raw(r.headers))
    if r.body:
        response.feed_content(r.body)
    response.finish_content(r.complete)
    return r, response.notes


def argued(note, r):
    # RFC 9110 section 15.3.7.2 forbids Content-Range on a multipart 206;
    # httplint 2026.10.4 asks for it.
    if note.__class__.__name__ == "PARTIAL_WITHOUT_RANGE":
        return (r.get("content-type") or "").startswith("multipart/byteranges")
    # A redirect says no-cache, since a 301 would else be kept for as long as a
    # cache likes (section 15.1), and has nothing that a 304 would save sending.
    return (note.__class__.__name__ == "FRESHNESS_NO_CACHE_NO_VALIDATOR" and
            r.status == 301 and r.get("cache-control") == "no-cache")


# What each path must answer: else the wrong thing would be looked at.
PLAIN_PATHS = [("/page", 200), ("/pixel.png", 200), ("/lib.js", 200),
               ("/style.css", 200), ("/nums.txt", 200), ("/big.bin", 200),
               ("/no/such/page", 404), ("/page.html", 308), ("/pets", 308)]

# The second site has a file of each kind, rules, and every option of policy.
POLICY_FILES = {
    "index.html": "<!doctype html><html lang=en><title>Home</title>"
                  "<link rel=stylesheet href=/a.css>"
                  "<script src=/app.3f2a1b9c.js></script>"
                  "<style>p { margin: 0 }</style><script>var x = 1;</script>"
                  "<p>" + "home " * 200,
    "docs/a.html": "<!doctype html><html lang=en><title>A</title>",
    "gone.html": "<!doctype html><html lang=en><title>Gone</title>",
    "404.html": "<!doctype html><html lang=en><title>None</title>",
    "a.css": "p { color: red }\n" * 100,
    "app.3f2a1b9c.js": "console.log('app');\n" * 100,
    "feed.xml": "<?xml version='1.0'?><feed/>\n" * 50,
    "data.json": "[1, 2, 3]\n" * 100,
    "a.woff2": "wOF2" * 200,
    "_redirects": """
/r301        /docs/a                   301
/r302        https://a.example/        302
/r303        /docs/a?x=1               303
/r307        /docs/a                   307
/r308/*      /docs/:splat              308
/rewritten   /docs/a                   200
/missing     /gone                     404
/gone/*      /gone                     410
/nothing     /nowhere                  410
/hello       /docs/a                   302  Language=de
/hello       /                         302  Cookie=seen
/hello       /gone                     302
""",
    "_headers": """
/docs/*
  X-Frame-Options: DENY
  Cache-Control: max-age=60, stale-while-revalidate=600, stale-if-error=86400
/feed.xml
  Access-Control-Allow-Origin: *
  CDN-Cache-Control: max-age=3600
  Surrogate-Control: max-age=7200
/r301
  Link: </docs/a>; rel=canonical
""",
}
POLICY_OPTIONS = [
    "--security-headers", "--cross-origin-isolation", "--noindex", "--csp",
    "--preload", "--cache-tags", "surrogate-key",
    "--cors", "*.woff2=*",
    "--cors", "*.json=https://a.example,https://b.example",
    "--fingerprint", "^app",
    "--cache-rule", "*.css=max-age=600, stale-while-revalidate=60, "
                    "stale-if-error=86400",
    "--cache-rule", "*.woff2=max-age=31536000, immutable",
    "--cdn-cache-rule", "*.css=max-age=3600, stale-if-error=86400",
    "--cdn-cache-rule", "*.json=no-store",
    "--surrogate-rule", "*.css=max-age=7200"]
POLICY_PATHS = [("/", 200), ("/docs/a", 200), ("/a.css", 200),
                ("/app.3f2a1b9c.js", 200), ("/feed.xml", 200),
                ("/data.json", 200), ("/a.woff2", 200),
                ("/r301", 301), ("/r302", 302), ("/r303?y=2", 303),
                ("/r307", 307), ("/r308/a", 308), ("/docs/a.html", 308),
                ("/rewritten", 200), ("/missing", 404), ("/gone/x", 410),
                ("/nothing", 410), ("/hello", 302), ("/no/such", 404)]
# Cloudflare's dialect has no 404 and 410, and puts header rules on redirects.
CLOUDFLARE = ["--dialect", "cloudflare", "--lenient"]
CLOUDFLARE_PATHS = [("/", 200), ("/docs/a", 200), ("/feed.xml", 200),
                    ("/r301", 301), ("/r302", 302), ("/r307", 307),
                    ("/r308/a", 308), ("/rewritten", 200), ("/gone/x", 404)]
# Beside PLAIN and CONTENT: who asks from another site.
POLICY_REQUESTS = [
    ("GET", [("Origin", "https://a.example")]),
    ("GET", [("Origin", "https://c.example")]),
    ("GET", [("Accept-Language", "de")]),
    ("GET", [("Cookie", "seen=1")]),
    ("OPTIONS", [("Origin", "https://a.example"),
                 ("Access-Control-Request-Method", "GET"),
                 ("Access-Control-Request-Headers", "x-a")])]


def requests_of(first, more):
    """What to ask of a path whose first answer is known."""
    requests = PLAIN + more
    if first.status == 200:
        requests = requests + CONTENT
    if first.get("etag"):
        requests = requests + [(method, [("If-None-Match", first.get("etag"))])
                               for method in ("GET", "HEAD")]
    if first.get("last-modified"):
        requests = requests + [("GET", [("If-Modified-Since",
                                         first.get("last-modified"))])]
    return requests


def lint_site(count, folder, options, paths, more):
    """Builds and serves the folder, and lints all answers of the paths."""
    pack = folder + ".edgepack"
    serve.run("build", folder, "-o", pack, "--no-cache", *options)
    with serve.Server(pack) as server:
        for path, status in paths:
            first, _ = exchange(server.base, "GET", path, [])
            count.test(first.status == status, "%s answers %d, not %d" %
                       (path, first.status, status))
            for method, fields in requests_of(first, more):
                r, notes = lint(server.base, method, path, fields)
                bad = [n for n in notes if n.level.name in ("BAD", "WARN")
                       and not argued(n, r)]
                count.test(not bad, "%s %s %s -> %d: %s" % (
                    method, path, fields, r.status, "; ".join(
                        "%s %s: %s" % (n.level.name, n.__class__.__name__,
                                       n.summary) for n in bad)))


def main():
    place = serve.scratch("http-lint")
    run_cases.write_fixtures(run_cases.load(), place)
    plain = os.path.join(place, "root")
    with open(os.path.join(plain, "pixel.png"), "wb") as f:
        f.write(base64.b64decode(PIXEL))
    policy = os.path.join(place, "policy")
    for name, text in POLICY_FILES.items():
        path = os.path.join(policy, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
    count = serve.Count()
    lint_site(count, plain, [], PLAIN_PATHS, [])
    lint_site(count, policy, POLICY_OPTIONS, POLICY_PATHS, POLICY_REQUESTS)
    lint_site(count, policy, POLICY_OPTIONS + CLOUDFLARE, CLOUDFLARE_PATHS,
              POLICY_REQUESTS)
    count.end()


main()
