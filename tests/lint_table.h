/* lint_table.h - rule files and what lint finds in them.
 *
 * N(redirects, headers, found) for Netlify, C(...) for Cloudflare, BOTH where
 * they agree; the _AS forms say how: "spa", "none", "host" (h.example), whose
 * limits ("workers", "netlify"), "many 101 dynamic" for so many rules.  found
 * is "R3 dead|H1 wrong": file and line, kind; what the dialects read apart is
 * left out, and is what the _DIFF rows are about: "R1 /a: Netlify 301 to /b",
 * the beginning of one of these findings, or "": there is none.
 *
 * Every site has index.html, about.html, docs/index.html, 404.html, gone.html,
 * a.txt, b.txt, app.js and assets/x.js.
 *
 * SPDX-License-Identifier: MIT
 */
/* One row, one line. */
/* clang-format off */
#define N(r, h, found) {0, false, "", r, h, found},
#define C(r, h, found) {1, false, "", r, h, found},
#define N_AS(how, r, h, found) {0, false, how, r, h, found},
#define C_AS(how, r, h, found) {1, false, how, r, h, found},
#define BOTH(r, h, found) N(r, h, found) C(r, h, found)
#define BOTH_SPA(r, h, found) N_AS("spa", r, h, found) C_AS("spa", r, h, found)
#define N_DIFF(r, h, found) {0, true, "", r, h, found},
#define C_DIFF(r, h, found) {1, true, "", r, h, found},
#define DIFF(r, h, found) {0, true, "", r, h, found}, {1, true, "", r, h, found},

/* ---- Nothing amiss ---- */
BOTH("", "", "")
BOTH("/old /a.txt 301\n", "", "")
BOTH("/old/* /docs/ 301\n/x /a.txt 302\n", "", "")
BOTH("", "/*\n  X-A: 1\n/assets/*\n  X-B: 2\n", "")
N("/* /index.html 200\n", "", "")
N("/x /about 302 Language=en\n/x /a.txt\n", "", "")

/* ---- Wrong ---- */
BOTH("/bad\n", "", "R1 wrong")
C("/x /a.txt 404\n", "", "R1 wrong")
N("/x /a.txt 304\n", "", "R1 wrong")
BOTH("", "/*\n  no field\n", "H1 dead|H2 wrong")
BOTH("", "  X-A: 1\n", "H1 wrong")
N("", "/*\n  X-A: 1\n  ! X-B\n", "H3 wrong")
N("/x /a.txt 301 Role=admin\n", "", "R1 wrong")
N("/x /a.txt 301 Country=de\n", "", "R1 wrong")

/* ---- Dead: an earlier rule ---- */
BOTH("/x/* /a.txt 301\n/x/y /b.txt 301\n", "", "R2 dead")
BOTH("/x/y /b.txt 301\n/x/* /a.txt 301\n", "", "")
BOTH("/x/* /a.txt 301\n/x/y/* /b.txt 301\n", "", "R2 dead")
BOTH("/u/:a /a.txt 301\n/u/:b/c /b.txt 301\n", "", "")
N("/u/:a /a.txt 301\n/u/:b /b.txt 301\n", "", "R2 dead")
N("/u/:a /a.txt 301\n/u/x /b.txt 301\n", "", "R2 dead")
N("/u/:a /a.txt 301\n/u/* /b.txt 301\n", "", "")
N("/u/* /a.txt 301\n/u/:b /b.txt 301\n", "", "R2 dead")
N("/u/* /a.txt 301\n/u /b.txt 301\n", "", "R2 dead")
C("/u/* /a.txt 301\n/u /b.txt 301\n", "", "")
N("/x /a.txt 301\n/x/ /b.txt 301\n", "", "R2 dead")
C("/x /a.txt 301\n/x/ /b.txt 301\n", "", "")
N("/x/:a /a.txt 301\n/x/y/ /b.txt 301\n", "", "R2 dead")
N("/x /a.txt 301\n/x /b.txt 302\n", "", "R2 dead")
C("/x /a.txt 301\n/x /b.txt 302\n", "", "R2 dead")
N("/x /a.txt 302 Language=en\n/x /b.txt 302 Language=en\n", "", "R2 dead")
N("/x /a.txt 302 Language=en\n/x /b.txt 302 Language=en,de\n", "", "")
N("/x /a.txt 302 Language=en,de\n/x /b.txt 302 Language=de\n", "", "R2 dead")
N("/x /a.txt 302 Cookie=c\n/x /b.txt 302\n", "", "")
N("/x /a.txt 302\n/x /b.txt 302 Cookie=c\n", "", "R2 dead")
N("/x q=1 /a.txt\n/x q=2 /b.txt\n", "", "")
N("/x q=:q /a.txt\n/x q=2 /b.txt\n", "", "R2 dead")
N("/x q=1 /a.txt\n/x q=:q /b.txt\n", "", "")
N("/x /a.txt\n/x q=:q /b.txt\n", "", "R2 dead")
N("https://h.example/x /a.txt\n/x /b.txt\n", "", "")
N("/x /a.txt\nhttps://h.example/x /b.txt\n", "", "R2 dead")
N("http://h.example/x /a.txt\nhttps://h.example/x /b.txt\n", "", "")
N("/x/* https://:splat.h.example/ 301\n/x/y /b.txt 301\n", "", "")
N("/x /a.txt\n/x /b.txt 301!\n", "", "R2 dead")
N("/a.txt /b.txt 301!\n/a.txt /app.js\n", "", "R2 dead")

/* ---- Dead: a file, or said twice ---- */
N("/a.txt /b.txt\n", "", "R1 hidden")
N("/about /b.txt\n", "", "R1 dead")
N("/about.html /b.txt\n", "", "R1 hidden")
N("/docs /b.txt\n", "", "R1 dead")
N("/ /b.txt\n", "", "R1 dead")
N("/a.txt /b.txt 301!\n", "", "")
C("/a.txt /b.txt\n", "", "")
N_AS("none", "/about /b.txt\n", "", "")
N_AS("none", "/about.html /b.txt\n", "", "R1 hidden")
N("/x /a.txt\n/x /a.txt\n", "", "R2 dead")
BOTH("/a/../b /a.txt 301\n", "", "R1 dead")

/* ---- Dead: blocks ---- */
BOTH("", "/none\n  X-A: 1\n", "H1 nowhere")
BOTH("", "/none/*\n  X-A: 1\n", "H1 nowhere")
BOTH("", "/none\n  Cache-Control: no-cache\n  CDN-Cache-Control: no-cache\n", "H1 dead")
BOTH("", "/none\n  Cache-Control: no-cache\n  X-A: 1\n", "H1 nowhere")
N("", "/about.html\n  X-A: 1\n", "H1 dead")
C("", "/about.html\n  X-A: 1\n", "H1 nowhere")
BOTH("", "/about\n  X-A: 1\n", "")
BOTH("", "/assets/*.js\n  X-A: 1\n", "")
BOTH("", "/assets/*.css\n  X-A: 1\n", "H1 nowhere")
BOTH("/none /a.txt 200\n", "/none\n  X-A: 1\n", "")
BOTH("/none/* /a.txt 200\n", "/none/y\n  X-A: 1\n", "")
BOTH_SPA("", "/none/*\n  X-A: 1\n", "")
BOTH("", "/a.txt\n", "H1 dead")
C("", "/a.txt\n  X-A: 1\n/a.txt\n  X-B: 1\n", "H3 dead")

/* ---- Loops and chains ---- */
BOTH("/x /x 301\n", "", "R1 loop")
BOTH("/x /y 301\n/y /x 301\n", "", "R1 loop|R2 loop")
BOTH("/x /y 301\n/y /z 301\n/z /x 301\n", "", "R1 loop|R2 loop|R3 loop")
BOTH("/w /x 301\n/x /y 301\n/y /x 301\n", "", "R1 loop|R2 loop|R3 loop")
BOTH("/b/* /b/x/:splat 301\n", "", "R1 loop")
BOTH("/b/* /c/:splat 301\n/c/* /b/:splat 301\n", "", "R1 loop|R2 loop")
C("/* /index.html 200\n", "", "R1 loop")
BOTH("/x /y 301\n/y /a.txt 301\n", "", "R1 chain")
BOTH("/x /about.html 301\n", "", "R1 chain")
BOTH("/x /y 301\n/y https://other.example/ 301\n", "", "R1 chain")
N_AS("host", "http://h.example/* https://h.example/:splat 301!\n", "", "")
N_AS("host", "/x https://h.example/y\n/y https://h.example/x\n", "", "R1 loop|R2 loop")
N("/x /y 301 Cookie=c\n/y /x 301\n", "", "R1 loop")

/* ---- Nowhere ---- */
BOTH("/x /none 301\n", "", "R1 nowhere")
BOTH("/x /none?q=1#f 301\n", "", "R1 nowhere")
BOTH("/x /a.txt?q=1#f 301\n", "", "")
BOTH("/x /none 200\n", "", "R1 nowhere")
N("/x /none 410\n", "", "R1 nowhere")
N("/x /gone.html 410\n", "", "")
BOTH("/x/* /none/:splat 301\n", "", "R1 nowhere")
BOTH("/x/* /docs/:splat 301\n", "", "")
BOTH("/x/* /assets/:splat 301\n", "", "")
BOTH("/x/* /none/:splat 200\n", "", "R1 nowhere")
BOTH("/x/* /y/:splat 301\n/y/* /a.txt 200\n", "", "")
BOTH("/x https://other.example/none 301\n", "", "")
BOTH_SPA("/x /none 301\n", "", "")
BOTH("/x /y 301\n/y /none 301\n", "", "R1 chain|R2 nowhere")

/* ---- Limits ---- */
N_AS("many 101 dynamic workers", "", "", "R101 limit")
C_AS("many 101 dynamic workers", "", "", "R101 limit")
N_AS("many 101 dynamic netlify", "", "", "")
N_AS("many 10001 netlify", "", "", "R10001 limit")
N_AS("many 10001", "", "", "")
C_AS("many 2001", "", "", "R2001 limit")

/* ---- Read differently ---- */
DIFF("", "", "")
DIFF("/x https://o.example/ 301\n", "", "R1 only one of them decodes escapes: /%78: Netlify 301 to https://o.example/, Cloudflare 404 with 404.html|R1 the last slash matters to only one of them: /x/: Netlify 301")
DIFF("/1 /a.txt\n", "", "R1 /1: Netlify 301 to /a.txt, Cloudflare 302 to /a.txt; write the status")
N_DIFF("/1 /gone.html 410\n", "", "R1 /1: Netlify 410 with gone.html, Cloudflare leaves the line out: \"410\" is no status")
C_DIFF("/1 /gone.html 410\n", "", "R1 /1: Netlify 410 with gone.html, Cloudflare leaves the line out")
DIFF("/a.txt /b.txt 301\n", "", "R1 /a.txt: Netlify 200 with a.txt, Cloudflare 301 to /b.txt; the file or the rule can go")
DIFF("/about/ /b.txt 301\n", "", "R1 /about/: Netlify 308 to /about, Cloudflare 301 to /b.txt")
N_DIFF("/1 /about.html 200\n", "", "R1 /1: Netlify 200 with about.html, Cloudflare 307 to /about")
DIFF("/1 q=1 /a.txt\n", "", "R1 /1?q=1: Netlify 301 to /a.txt?q=1, Cloudflare leaves the line out")
DIFF("1 /a.txt 301\n", "", "R1 /1: Cloudflare 301 to /a.txt, Netlify leaves the line out")
DIFF("/1?q=2 /a.txt 301\n", "", "R1 /1: Cloudflare 301 to /a.txt, Netlify leaves the line out")
DIFF("/1/pre-:id /a.txt 301\n", "", "R1 /1/pre-x: Netlify 404 with 404.html, Cloudflare 301 to /a.txt")
DIFF("", "/*\n  X-A: 1\n/a.txt\n  X-A: 2\n", "H4 X-A of /a.txt: Netlify \"2\", Cloudflare \"1, 2\"")
DIFF("", "/*\n  X-A: a,b\n", "")
DIFF("", "/:f\n  X-A: :f\n", "H2 X-A of /404: Netlify \":f\", Cloudflare \"404\"")
DIFF("", "/DOCS/*\n  X-A: 1\n", "H2 X-A of /docs/: Netlify \"1\", Cloudflare does not set it")

/* ---- And by edgestatic ---- */
C_DIFF("/1 /about.html 200\n", "", "R1 /1: Cloudflare 307 to /about, edgestatic 308; write it as the target")
C_DIFF("/1 https://o.example?q=1 301\n", "", "R1 https://o.example?q=1: Cloudflare takes all of it for a host, edgestatic")
C_DIFF("", "/*\n  ! Vary\n", "H2 Cloudflare takes the field away; edgestatic keeps it")
C_DIFF("", "/*\n  ! content-type\n", "H2 Cloudflare takes the field away; edgestatic keeps it")
C_DIFF("", "/*\n  !  X-A\n", "H2 Cloudflare answers every request that meets this with a 500")
DIFF("", "/*\n  Set-Cookie: a=1\n", "")
N_DIFF("", "/*\n  Set-Cookie: a=1\n  Set-Cookie: b=1\n", "H3 Netlify joins the cookies of a block")
C_DIFF("", "/*\n  Set-Cookie: a=1\n  Set-Cookie: b=1\n", "H3 Cloudflare joins the cookies of a block")
