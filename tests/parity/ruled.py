"""Two sites with rules, policy, kept assets and deltas, and what is asked.

`netlify` and `cloudflare` have a _redirects and a _headers in that dialect,
and the options of a build that change what is answered.
SPDX-License-Identifier: MIT
"""
import base64, hashlib, json, os
from ask import Request, serve

# Of which two releases differ in a line, so that the later has deltas.
LIB = "".join("export const v%d = '%x'\n" % (i, i ** 5) for i in range(300))
LIB_BEFORE, LIB_NOW = LIB + "export const release = 1\n", \
    LIB.replace("v7 ", "seven ") + "export const release = 2\n"
HASHED_BEFORE, HASHED_NOW = "assets/lib-1a2b3c4d.js", "assets/lib-5e6f7a8b.js"

FILES = {
    "lib.js": LIB_NOW,
    HASHED_NOW: LIB_NOW,
    "index.html": "<!doctype html><title>Start</title>"
                  "<link rel=stylesheet href=/site.css><p>Start",
    "about.html": "<!doctype html><title>About</title><p>About",
    "beta.html": "<!doctype html><title>Beta</title><p>Beta",
    "gone.html": "<!doctype html><title>Gone</title><p>Gone",
    "404.html": "<!doctype html><title>Missing</title><p>Missing",
    "de/index.html": "<!doctype html><title>Anfang</title><p>Anfang",
    "docs/index.html": "<!doctype html><title>Docs</title><p>Docs",
    "docs/old.html": "<!doctype html><title>Old</title><p>Old",
    "docs/404.html": "<!doctype html><title>No docs</title><p>No docs",
    "site.css": "p { color: #123 }\n" * 40,
    "app.js": "console.log('app')\n" * 40,
    "assets/chunk-4a5b6c7d.js": "export default 2\n" * 40,
    "fonts/text.woff2": "wOF2, or so\n",
    "caf\u00e9.txt": "coffee\n",
}
# What the release before had, and this one has no more.
KEPT = "assets/chunk-0f1e2d3c.js"

REDIRECTS = {
    "netlify": """
/old            /docs/                     301
/moved/*        /docs/:splat               302
/u/:id/card     /users/:id                 307
/p308           /docs/                     308
/see            /about                     303
/ext/*          https://other.example/:splat  301
/find  q=:q     /search?for=:q             302
/find  kind=a   /about                     302
/find           /docs/                     302
/lang           /de/                       302  Language=de
/lang           /fr/                       302  Language=fr,it
/lang           /                          302
/beta           /beta.html                 200  Cookie=beta,nightly
/beta           /about.html                200
/both           /de/                       302  Language=de Cookie=beta
/both           /                          302
/where          /de/                       302  Country=de,at
/where          /                          302
/role           /about                     302  Role=admin
/app/*          /index.html                200
/about          /docs/                     302
/docs/old       /about                     301!
/closed         /gone.html                 410!
/gone/*         /gone.html                 410
/lost/*         /docs/404.html             404
/busy           /gone.html                 503
""",
    "cloudflare": """
/old            /docs/                     301
/about          /docs/                     302
/see            /about                     303
/beta           /about                     200
/away           https://other.example/x    307
/moved/*        /docs/:splat
/ext/*          https://other.example/:splat  301
/u/:id/card     /users/:id                 308
/app/*          /docs/old                  200
"""}

HEADERS = {
    "netlify": """
/*
  X-All: 1
  Strict-Transport-Security: max-age=31536000
/docs/*
  Cache-Control: max-age=60
  X-Docs: a
/docs/*
  X-Docs: b
/app/*
  X-App: yes
  Vary: X-App
/gone/*
  Cache-Control: max-age=9, immutable
  X-Gone: yes
/about
  Set-Cookie: a=1
  Set-Cookie: b=2
  Cross-Origin-Resource-Policy: same-site
/caf\u00e9.txt
  X-Name: coffee, black
""",
    "cloudflare": """
/*
  X-All: 1
  Strict-Transport-Security: max-age=31536000
  X-Robots-Tag: nofollow
/docs/*
  ! X-All
  X-Docs: a
/docs/:page
  X-Page: page :page
/moved/*
  X-Moved: to :splat
/old
  X-Old: yes
/nothing/*
  X-Robots-Tag: noarchive
  Cache-Control: max-age=9, immutable
/beta
  Link: </site.css>; rel=preload; as=style
"""}

OPTIONS = {
    "netlify": [
        "--security-headers", "--csp", "--preload", "--cache-tags",
        "surrogate-key", "--cors", "*.woff2=*", "--cors",
        "*.js=https://a.example,https://b.example"],
    "cloudflare": [
        "--dialect", "cloudflare", "--cross-origin-isolation", "--noindex",
        "--cache-tags", "cache-tag", "--cdn-cache-rule", "*.css=max-age=99",
        "--surrogate-rule", "*.css=max-age=98", "--cors",
        "*.woff2=https://a.example"],
}


def write(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


def build(place, dialect):
    """The folder of a site and what `edgestatic build` is told beside it."""
    root = os.path.join(place, dialect)
    before = os.path.join(place, dialect + ".before")
    files = {KEPT: "export default 1\n" * 40, **FILES, "lib.js": LIB_BEFORE,
             HASHED_BEFORE: LIB_BEFORE}
    del files[HASHED_NOW]
    write(before, files)
    write(root, {**FILES, "_redirects": REDIRECTS[dialect],
                 "_headers": HEADERS[dialect]})
    previous = before + ".edgepack"
    serve.run("build", before, "-o", previous, "--no-cache")
    return root, ["--no-cache", "--previous", previous, "--keep", "7d",
                  *OPTIONS[dialect]]


# What a splat or a placeholder is made of, and a Location then has.
ODD = ["", "a", "a/b/", "a%20b", "a%2Fb", "a//b", "/evil.example",
       "//evil.example", "%2F%2Fevil.example", "\\evil.example", "..", "a/../b",
       "%2e%2e/x", "%0d%0aX-A:%20b", "%00", "%", "%zz", "caf%C3%A9",
       "caf\u00c3\u00a9", "%ff", "a;b=c,d", "a:b@c", "\"quoted\"", "'{}",
       "a?x=1&y=%20", "a?", "?splat=:splat", ":splat", "x" * 2000]

QUERIES = ["", "?", "?q=vary", "?q=", "?q", "?q=a%26b", "?q=a+b&q=c",
           "?kind=a", "?kind=b", "?kind=a&q=both", "?q=%0a", "?q=%C3%BC",
           "?x&&=&q=last", "?Q=upper", "?q=%23"]

LANGUAGES = ["de", "DE-at", "fr;q=0.5, de;q=0.9", "it", "*", "de;q=0", "den",
             "", "en, de"]

# Each a list of lines of Cookie: HTTP/2 has one for each pair.
COOKIES = [["beta=1"], ["beta"], ["a=1; beta=1"], ["a=1", "beta=1"],
           ["a=1", "b=2", "nightly=x", "c=3"], ["a=1; b=2", "c=beta"],
           ["Beta=1"], ["xbeta=1"], [" beta =1"], ["a=1, beta=1"], [""],
           ["k%d=v" % i for i in range(60)] + ["nightly="]]

ORIGINS = ["https://a.example", "https://b.example", "https://c.example",
           "https://a.example:444", "http://a.example", "null", ""]

def held(text):
    digest = hashlib.sha256(text.encode()).digest()
    return ":%s:" % base64.b64encode(digest).decode()


# Of Available-Dictionary: what a client has from before, what it has by now,
# what nobody knows, and what is malformed.
HELD = [held(LIB_BEFORE), held(LIB_NOW), held("unknown"), ":AQEB:", "x",
        held(LIB_BEFORE) + ";a=1", held(LIB_BEFORE) + ", " + held(LIB_NOW)]

WANTS = ["sha-256=1", "sha-256=10, sha-512=3", "sha-256=0", "md5=5",
         "sha-256=1, =", "sha-256"]

PATHS = ["/", "/about", "/docs/", "/docs/old", "/docs/old.html", "/de/",
         "/site.css", "/app.js", "/fonts/text.woff2", "/caf%C3%A9.txt",
         "/assets/chunk-4a5b6c7d.js", "/" + KEPT, "/gone", "/404",
         "/_headers", "/_redirects", "/nothing", "/nothing/at/all",
         "/docs/nothing", "/old", "/old/", "/OLD", "/see", "/p308", "/beta",
         "/away", "/closed", "/gone/x", "/gone/", "/lost/x", "/busy", "/role",
         "/app", "/app/", "/app/x", "/u/7/card", "/u/7/card/", "/u//card",
         "/u/a%2Fb/card", "/where", "/lang", "/both", "/find"]


def requests(listing):
    """What is asked of either site; the listing is of `edgestatic ls`."""
    out = []

    def add(group, target, *fields, method="GET", **more):
        out.append(Request(group, method, target, fields, **more))

    etags = sorted({variant["etag"] for asset in json.loads(listing)
                    for variant in asset["variants"]})
    for path in PATHS:
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            add("ruled", path, method=method)
            add("ruled", path + "?a=1", method=method)
            add("TLS", path, method=method, tls=True)
        for fields in (
                [("Accept-Encoding", "br, gzip, zstd")],
                [("Accept-Encoding", "gzip"), ("Range", "bytes=2-5")],
                [("Range", "bytes=2-5")],
                [("If-None-Match", "*")],
                [("If-None-Match", ", ".join(etags))],
                [("If-None-Match", ", ".join(etags)),
                 ("Accept-Encoding", "br")],
                [("If-Match", '"other"')],
                [("Sec-Fetch-Mode", "navigate"),
                 ("Sec-Fetch-Dest", "document")]):
            add("precondition", path, *fields)
            add("TLS", path, *fields, tls=True)
    for place in ("/moved/", "/ext/", "/app/", "/u/"):
        for odd in ODD:
            more = "/card" if place == "/u/" and "?" not in odd else ""
            add("splat", place + odd + more)
    for query in QUERIES:
        for path in ("/find", "/moved/x", "/old", "/beta", "/about"):
            add("query", path + query)
    for path in ("/lang", "/both", "/", "/beta"):
        for language in LANGUAGES:
            add("language", path, ("Accept-Language", language))
    for path in ("/beta", "/both"):
        for lines in COOKIES:
            add("cookie", path, *(("Cookie", line) for line in lines))
            add("cookie", path, *(("Cookie", line) for line in lines),
                ("Accept-Language", "de"), method="HEAD")
            # Between them another field, as no order is promised.
            add("cookie", path, ("Cookie", lines[0]),
                ("Accept-Language", "de"), ("Cookie", "beta=2"))
    for country in ("DE", "AT", "FR", "XX", "T1", ""):
        for path in ("/where", "/old", "/"):
            add("country", path, country=country)
    for path in ("/lib.js", "/" + HASHED_NOW, "/" + HASHED_BEFORE, "/", "/beta",
                 "/gone", "/nothing"):
        for value in HELD:
            for coding in ("gzip, deflate, br, zstd, dcb, dcz", "dcz", "br",
                           "*", "dcb;q=0, dcz, br;q=0.5"):
                fields = (("Accept-Encoding", coding),
                          ("Available-Dictionary", value))
                add("dictionary", path, *fields)
                add("dictionary", path, *fields, method="HEAD")
            fields = fields[1:] + (("Accept-Encoding", "br, dcz"),)
            add("dictionary", path, ("Dictionary-ID", '"x"'), *fields)
            add("dictionary", path, ("Range", "bytes=3-9"), *fields)
            add("dictionary", path, ("If-None-Match", ", ".join(etags)),
                *fields)
            add("dictionary", path, ("Accept-Encoding", "dcz, identity;q=0"),
                fields[0])
        for value in WANTS:
            for name in ("Want-Repr-Digest", "Want-Content-Digest"):
                add("digest", path, (name, value))
                add("digest", path, (name, value), method="HEAD")
                add("digest", path, (name, value), ("Range", "bytes=2-5"))
                add("digest", path, (name, value), ("Range", "bytes=0-"))
                add("digest", path, (name, value), ("Accept-Encoding", "br"))
                add("digest", path, (name, value),
                    ("If-None-Match", ", ".join(etags)))
        add("digest", path, ("Want-Repr-Digest", WANTS[0]),
            ("Want-Content-Digest", WANTS[1]), ("Range", "bytes=0-1,3-4"))
    for path in ("/app.js", "/fonts/text.woff2", "/site.css", "/nothing.js",
                 "/" + KEPT, "/about", "/old"):
        for value in ORIGINS:
            origin = ("Origin", value)
            add("CORS", path, origin)
            add("CORS", path, origin, method="HEAD")
            add("CORS", path, origin, ("If-None-Match", ", ".join(etags)))
            add("CORS", path, origin, ("Range", "bytes=0-3"))
            for wanted in ("GET", "PUT", "get", ""):
                ask = ("Access-Control-Request-Method", wanted)
                add("preflight", path, origin, ask, method="OPTIONS")
            add("preflight", path, origin, ask,
                ("Access-Control-Request-Headers", "x-a, content-type"),
                method="OPTIONS")
            add("preflight", path, origin,
                ("Access-Control-Request-Method", "GET"),
                ("Access-Control-Request-Headers", "x-a"),
                ("Access-Control-Request-Headers", "x-b"), method="OPTIONS")
    return out
