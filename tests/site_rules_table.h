/* site_rules_table.h - from the two files of a site to an answer.
 *
 * N(redirects, headers, ask, expected) for Netlify, C(...) for Cloudflare; the
 * _AS forms say how the site is built and what the request has besides, parted
 * by "|": "none", "drop", "force" (html handling), "spa", "no-404" (missing
 * paths), "TLS", "POST", "HEAD", "country XX", "Cookie: c", any other field.
 *
 * Expected is "301 /location" or "200 file", of a text of the core's own "404",
 * and then, parted by "|", fields: "Name: value", "!Name" where it is not to be
 * there.  Every site has index.html, about.html, docs/index.html, 404.html,
 * docs/404.html, gone.html, a.txt, b.txt, app.js and "caf\u00e9.txt".
 *
 * SPDX-License-Identifier: MIT
 */
/* One row, one line. */
/* clang-format off */
#define N(r, h, ask, expect) {0, r, h, "", ask, expect},
#define C(r, h, ask, expect) {1, r, h, "", ask, expect},
#define N_AS(r, h, how, ask, expect) {0, r, h, how, ask, expect},
#define C_AS(r, h, how, ask, expect) {1, r, h, how, ask, expect},
#define BOTH(r, h, ask, expect) N(r, h, ask, expect) C(r, h, ask, expect)
#define BOTH_AS(r, h, how, ask, expect)                                        \
  N_AS(r, h, how, ask, expect) C_AS(r, h, how, ask, expect)

/* ---- Redirects ---- */
N("/old /new", "", "/old", "301 /new")
C("/old /new", "", "/old", "302 /new")
BOTH("/old /new 308", "", "/old?x=1", "308 /new?x=1")
BOTH("/old /new?y=2 301", "", "/old?x=1", "301 /new?y=2")
BOTH("/p/* /q/:splat 301", "", "/p/x/y", "301 /q/x/y")
N("/p/* /q/:splat", "", "/p", "301 /q/")
C("/p/* /q/:splat", "", "/p", "404 404.html")
N("/x /y", "", "/x/", "301 /y")
C("/x /y", "", "/x/", "404 404.html")
BOTH("/u/:id /users/:id 301", "", "/u/7", "301 /users/7")
BOTH("/p/* /:splat 301", "", "/p//evil.example/", "301 /evil.example/")
BOTH("/x https://other.example/y 301", "", "/x", "301 https://other.example/y")
N("/x http://other.example/y 301", "", "/x", "301 http://other.example/y")
N("/x /a 301\n/x /b 301\n", "", "/x", "301 /a")
C("/caf%C3%A9 /x", "", "/caf%c3%a9", "404 404.html")
N("/caf%C3%A9 /x", "", "/caf%c3%a9", "301 /x")
BOTH_AS("/old /new 301", "", "HEAD", "/old", "301 /new")
C_AS("/old /new 301", "", "POST", "/old", "301 /new")

/* ---- Files and rules ---- */
N("/a.txt /b", "", "/a.txt", "200 a.txt")
N("/a.txt /b 301!", "", "/a.txt", "301 /b")
C("/a.txt /b", "", "/a.txt", "302 /b")
N("/about /b", "", "/about", "200 about.html")
C("/about /b", "", "/about", "302 /b")
N("/about /b 302!", "", "/about", "302 /b")
N("/x /y\n/x /z 301!", "", "/x", "301 /y")
N("/* /gone.html 404", "", "/a.txt", "200 a.txt")
BOTH_AS("/about.html /b 301", "", "none", "/docs/", "200 docs/index.html")

/* ---- Rewrites ---- */
BOTH("/x /a.txt 200", "", "/x", "200 a.txt")
BOTH("/s/* /a.txt 200", "", "/s/1/2?q", "200 a.txt")
N("/x /about.html 200", "", "/x", "200 about.html")
C("/x /about.html 200", "", "/x", "308 /about")
C("/x /about 200", "", "/x", "200 about.html")
C_AS("/x /about.html 200", "", "none", "/x", "200 about.html")
N("/x /none 200", "", "/x", "404 404.html")
C("/x /none 200", "", "/x", "404 404.html")
N("/* /index.html 200", "", "/deep/link", "200 index.html")
C("/x /a.txt 200\n/a.txt /z 301", "", "/x", "200 a.txt")
N("/a.txt /b.txt 200!", "", "/a.txt", "200 b.txt")
N("/docs/x /a.txt 200\n/docs/* /b.txt 200", "", "/docs/y", "200 b.txt")

/* ---- Error pages by rule ---- */
N("/x /gone.html 410", "", "/x", "410 gone.html|Cache-Control: no-store")
N("/x /gone.html 404", "", "/x", "404 gone.html|Cache-Control: no-store")
N("/x /gone.html 451", "", "/x", "451 gone.html|!ETag")
N("/a.txt /gone.html 410!", "", "/a.txt", "410 gone.html|!Last-Modified")
N("/x /none 410", "", "/x", "410")
N("/x /gone.html 410", "/*\n  Cache-Control: max-age=9, immutable\n  X-A: 1\n", "/x", "410 gone.html|Cache-Control: no-store|X-A: 1")
BOTH("", "/*\n  Cache-Control: max-age=9, immutable\n  X-A: 1\n", "/none", "404 404.html|Cache-Control: no-store|X-A: 1")
BOTH("", "/*\n  Expires: 0\n  CDN-Cache-Control: max-age=9\n", "/none", "404 404.html|!Expires|!CDN-Cache-Control")

/* ---- Conditions (Netlify) ---- */
N_AS("/h /de 302 Language=de\n/h /en 302", "", "Accept-Language: de-AT, en;q=0.5", "/h", "302 /de|Vary: Accept-Language")
N_AS("/h /de 302 Language=de\n/h /en 302", "", "Accept-Language: en", "/h", "302 /en|Vary: Accept-Language")
N_AS("/h /de 302 Language=de", "", "Accept-Language: en", "/h", "404 404.html|Vary: Accept-Language")
N_AS("/h /b 302 Cookie=beta", "", "Cookie: x=1; beta=1", "/h", "302 /b|Vary: Cookie")
N_AS("/a.txt /b.txt 200! Cookie=beta", "", "Cookie: x=1", "/a.txt", "200 a.txt|Vary: Cookie")
N_AS("/a.txt /b.txt 200! Cookie=beta", "", "Cookie: beta=1", "/a.txt", "200 b.txt|Vary: Cookie")
N_AS("/h /at 302 Country=de,at", "", "country AT", "/h", "302 /at|Vary: *")
N_AS("/h /at 302 Country=de,at", "", "", "/h", "404 404.html")
N("/f id=:id /g/:id 301", "", "/f?id=7", "301 /g/7?id=7")
N("/f id=7 /g 301", "", "/f?id=8", "404 404.html")

/* ---- Header fields of files ---- */
BOTH("", "/a.txt\n  X-A: 1\n", "/a.txt", "200 a.txt|X-A: 1")
BOTH("", "/a.txt\n  X-A: 1\n", "/b.txt", "200 b.txt|!X-A")
BOTH("", "/*\n  Cache-Control: max-age=9\n", "/a.txt", "200 a.txt|Cache-Control: max-age=9")
N("", "/*\n  X-A: 1\n/a.txt\n  X-A: 2\n", "/a.txt", "200 a.txt|X-A: 2")
C("", "/*\n  X-A: 1\n/a.txt\n  X-A: 2\n", "/a.txt", "200 a.txt|X-A: 1, 2")
BOTH("", "/a.txt\n  X-A: 1\n  X-A: 2\n", "/a.txt", "200 a.txt|X-A: 1, 2")
N("", "/a.txt\n  X-A: 1\n/a.txt\n  X-B: 2\n", "/a.txt", "200 a.txt|X-A: 1|X-B: 2")
C("", "/a.txt\n  X-A: 1\n/a.txt\n  X-B: 2\n", "/a.txt", "200 a.txt|!X-A|X-B: 2")
C("", "/*\n  ! X-Content-Type-Options\n", "/a.txt", "200 a.txt|!X-Content-Type-Options")
C("", "/*\n  X-A: 1\n/a.txt\n  ! X-A\n", "/a.txt", "200 a.txt|!X-A")
N("", "/*\n  X-A: 1\n/a.txt\n  ! X-A\n", "/a.txt", "200 a.txt|X-A: 1")
C("", "/:file.txt\n  X-A: :file\n", "/a.txt", "200 a.txt|X-A: a")
C("", "/*\n  X-A: <:splat>\n", "/about", "200 about.html|X-A: <about>")
N("", "/:file\n  X-A: :file\n", "/a.txt", "200 a.txt|X-A: :file")
N("", "/ABOUT/\n  X-A: 1\n", "/about", "200 about.html|X-A: 1")
C("", "/ABOUT\n  X-A: 1\n", "/about", "200 about.html|!X-A")
N("", "/docs\n  X-A: 1\n", "/docs/", "200 docs/index.html|X-A: 1")
C("", "/docs\n  X-A: 1\n", "/docs/", "200 docs/index.html|!X-A")
N("", "/*\n  X-A: a,b ,c\n", "/a.txt", "200 a.txt|X-A: a, b, c")
C("", "/*\n  X-A: a,b ,c\n", "/a.txt", "200 a.txt|X-A: a,b ,c")
C("", "/caf%C3%A9.txt\n  X-A: 1\n", "/caf%C3%A9.txt", "200 caf\u00e9.txt|X-A: 1")
N("", "/caf\u00e9.txt\n  X-A: 1\n", "/caf%C3%A9.txt", "200 caf\u00e9.txt|X-A: 1")
BOTH("", "/*\n  Content-Type: text/x-a\n", "/a.txt", "200 a.txt|Content-Type: text/x-a")
BOTH("", "/*\n  Strict-Transport-Security: max-age=9\n", "/a.txt", "200 a.txt|!Strict-Transport-Security")
BOTH_AS("", "/*\n  Strict-Transport-Security: max-age=9\n", "TLS", "/a.txt", "200 a.txt|Strict-Transport-Security: max-age=9")
C_AS("", "/*\n  Vary: Cookie\n", "", "/about", "200 about.html|Vary: Cookie")
BOTH_AS("", "/a.txt\n  X-A: 1\n", "Range: bytes=0-0", "/a.txt", "206 a.txt|X-A: 1")

/* ---- Header fields by the path that was asked for ---- */
C("/x /y", "/x\n  X-A: 1\n", "/x", "302 /y|X-A: 1")
N("/x /y", "/x\n  X-A: 1\n", "/x", "301 /y|!X-A")
C("", "/about.html\n  X-A: 1\n", "/about.html", "308 /about|X-A: 1")
BOTH("", "/none\n  X-A: 1\n", "/none", "404 404.html|X-A: 1")
BOTH("", "/404\n  X-A: 1\n", "/none", "404 404.html|!X-A")
BOTH("", "/docs/*\n  X-A: 1\n", "/docs/none", "404 docs/404.html|X-A: 1")
BOTH_AS("", "/none\n  X-A: 1\n", "no-404", "/none", "404|X-A: 1")
BOTH("/x /a.txt 200", "/x\n  X-A: 1\n/a.txt\n  X-B: 1\n", "/x", "200 a.txt|X-A: 1|!X-B")
BOTH("/x /a.txt 200", "/x\n  Content-Type: text/x-a\n", "/x", "200 a.txt|Content-Type: text/plain; charset=utf-8")
BOTH("/x /a.txt 200", "/x\n  Cache-Control: max-age=9\n", "/x", "200 a.txt|Cache-Control: max-age=9")
BOTH_AS("", "/deep\n  X-A: 1\n/\n  X-B: 1\n", "spa|Sec-Fetch-Mode: navigate", "/deep", "200 index.html|X-A: 1|!X-B")
BOTH_AS("", "/none\n  Strict-Transport-Security: max-age=9\n", "TLS", "/none", "404 404.html|Strict-Transport-Security: max-age=9")
BOTH_AS("", "/none\n  Strict-Transport-Security: max-age=9\n", "", "/none", "404 404.html|!Strict-Transport-Security")
C("/x/:n /y/:n", "/x/:n\n  X-A: n-:n\n", "/x/7", "302 /y/7|X-A: n-7")
C("", "/*\n  X-A: 1\n/none\n  X-A: 2\n", "/none", "404 404.html|X-A: 1, 2")
N("", "/*\n  X-A: 1\n/none\n  X-A: 2\n", "/none", "404 404.html|X-A: 2")
C("", "/*\n  X-A: 1\n/none\n  ! X-A\n", "/none", "404 404.html|!X-A")
BOTH_AS("", "/docs/\n  X-A: 1\n", "none", "/docs/", "200 docs/index.html|X-A: 1")
BOTH_AS("", "/docs/index.html\n  X-A: 1\n", "none", "/docs/index.html", "200 docs/index.html|X-A: 1")
C_AS("", "/docs/index.html\n  X-A: 1\n", "none", "/docs/", "200 docs/index.html|!X-A")
C_AS("", "/a.txt\n  X-A: 1\n", "POST", "/a.txt", "405|X-A: 1")

#undef N
#undef C
#undef N_AS
#undef C_AS
#undef BOTH
#undef BOTH_AS
/* clang-format on */
