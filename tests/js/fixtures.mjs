// fixtures.mjs DIR: writes the site that the tests of tests/js serve.
// SPDX-License-Identifier: MIT
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const page = (title, body) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<link rel="stylesheet" href="/style.css"></head>
<body><h1>${title}</h1>${body}</body></html>
`;

// Noise that no coding makes smaller, the same each time.
function noise(length) {
  const bytes = Buffer.alloc(length);
  for (let i = 0, x = 1; i < length; i++) {
    x = (Math.imul(x, 1103515245) + 12345) >>> 0;
    bytes[i] = x >>> 16;
  }
  return bytes;
}

const words = Array.from({ length: 400 }, (_, i) => `<p>Line ${i}.</p>\n`);

const files = {
  "index.html": page("Home", `<img src="/dot.svg" alt="">
    <script src="/app.js"></script>` + words.join("")),
  "about.html": page("About", words.join("")),
  "docs/index.html": page("Docs", "<p>Short.</p>"),
  "docs/café.html": page("Café", "<p>Not of ASCII.</p>"),
  "404.html": page("Nothing here", words.join("")),
  // A link of each kind: two that may go ahead, one that Node refuses, one that
  // is no hint.
  "links.html": page("Links", ""),
  _headers: `/links
  Link: </style.css>; rel=preload; as=style; type="text/css", </>; rel=next
  Link: <https://a.test>; rel="preconnect", </b>; rel=preload; title="a, b"
`,
  // What a browser's languages, its cookies and its country decide.
  _redirects: `/hello   /about  302  Language=de
/hello   /docs/  302  Language=fr
/hello   /       302
/member  /about  302  Cookie=member
/member  /docs/  302
/where   /about  302  Country=de
/where   /docs/  302
`,
  "style.css": "h1 { color: rgb(1, 2, 3) }\n".repeat(200),
  "app.js": "document.documentElement.dataset.app = 'runs';\n".repeat(50),
  "dot.svg": `<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7">
    <rect width="7" height="7"/></svg>`,
  "empty.txt": "",
  "letters.txt": "abcdefghijklmnopqrstuvwxyz",
  "noise.bin": noise(3 << 20),
  "zeros.bin": Buffer.alloc(32 << 20), // more than sockets hold
};

for (const [name, content] of Object.entries(files)) {
  const file = join(process.argv[2], name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  utimesSync(file, 1.7e9, 1.7e9);
}
