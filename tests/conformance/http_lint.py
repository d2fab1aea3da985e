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
    return (note.__class__.__name__ == "PARTIAL_WITHOUT_RANGE" and
            (r.get("content-type") or "").startswith("multipart/byteranges"))


def main():
    site = serve.scratch("http-lint")
    run_cases.write_fixtures(run_cases.load(), site)
    with open(os.path.join(site, "root", "pixel.png"), "wb") as f:
        f.write(base64.b64decode(PIXEL))
    pack = os.path.join(site, "site.edgepack")
    serve.run("build", os.path.join(site, "root"), "-o", pack, "--no-cache")
    # What each path must answer: else the wrong thing would be looked at.
    paths = [("/page", 200), ("/pixel.png", 200), ("/lib.js", 200),
             ("/style.css", 200), ("/nums.txt", 200), ("/big.bin", 200),
             ("/no/such/page", 404), ("/page.html", 308), ("/pets", 308)]
    count = serve.Count()
    with serve.Server(pack) as server:
        for path, status in paths:
            first, _ = exchange(server.base, "GET", path, [])
            count.test(first.status == status, "%s answers %d, not %d" %
                       (path, first.status, status))
            requests = list(PLAIN)
            if first.status == 200:
                requests += CONTENT
            if first.get("etag"):
                for method in ("GET", "HEAD"):
                    requests.append((method,
                                     [("If-None-Match", first.get("etag"))]))
            if first.get("last-modified"):
                requests.append(("GET", [("If-Modified-Since",
                                          first.get("last-modified"))]))
            for method, fields in requests:
                r, notes = lint(server.base, method, path, fields)
                bad = [n for n in notes if n.level.name in ("BAD", "WARN")
                       and not argued(n, r)]
                count.test(not bad, "%s %s %s -> %d: %s" % (
                    method, path, fields, r.status, "; ".join(
                        "%s %s: %s" % (n.level.name, n.__class__.__name__,
                                       n.summary) for n in bad)))
    count.end()


main()
