// server.mjs - serves a pack by Node's http.
//
//   PORT=8080 HOST=127.0.0.1 node server.mjs
//
// Needs beside it: edgestatic.mjs workers.wasm site.edgepack.  HOST=0.0.0.0
// (or ::) lets other machines in.  TLS is a proxy's in front.  SIGTERM and
// SIGINT let what is being sent come to its end.  EARLY_HINTS=1 sends the links
// of pages ahead, for a proxy that knows what to do with them.
//
// SPDX-License-Identifier: MIT
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Server } from "node:net";
import { open } from "./edgestatic.mjs";

// How long responses may take after a signal: most platforms kill after 10 s.
const GRACE_MS = 8000;

// uri-host [":" port] (RFC 9110 section 7.2); Node looks only whether there is
// a Host.  Of an address in brackets the characters have to do.
const HOST =
  /^(\[[\da-fv:.]+\]|([\w\-.~!$&'()*+,;=]|%[\da-f]{2})*)(:\d*)?$/i;

// Of a Link field (RFC 8288 section 3): one link, what is worth a hint, and
// what Node takes as one, which else throws.
const LINK = /<[^>]*>(?:"[^"]*"|[^",])*/g;
const HINT = /;\s*rel="?(?:preload|modulepreload|preconnect)"?\s*(?:;|$)/i;
const PLAIN = /^<[^>]*>(?:\s*;\s*[^;"\s]+(?:=(")?[^;"\s]*\1)?)*$/;

function giveUp(message) {
  console.error(message);
  process.exit(1);
}

function beside(name) {
  return readFileSync(new URL(name, import.meta.url));
}

function openSite() {
  try {
    return open(new WebAssembly.Module(beside("workers.wasm")),
                beside("site.edgepack"));
  } catch (e) {
    return giveUp(e.message);
  }
}

const port = Number(process.env.PORT || 8080);
const host = process.env.HOST || "127.0.0.1";
if (!Number.isInteger(port) || port < 0 || port > 65535)
  giveUp(`PORT is no port: ${process.env.PORT}`);

const early = process.env.EARLY_HINTS === "1";
const site = openSite();

function prepare({ status, headers }) {
  const links = headers.filter(([name]) => early && status === 200 &&
                                           name.toLowerCase() === "link")
    .flatMap(([, value]) => value.match(LINK) ?? [])
    .map((link) => link.trim())
    .filter((link) => HINT.test(link) && PLAIN.test(link));
  return { headers: headers.flat(), links };
}

// RFC 8297 section 3 has servers send no 103 over HTTP/1.1 to who may not know
// it; some proxies then wait for ever.  So this is off by default, and for what
// browsers navigate to alone.  1xx is not for HTTP/1.0 (RFC 9110 section 15.2).
// Of a response that has no socket yet, because another one has to end first,
// Node would write it behind the fields of the 200.
function wantsHints({ method, headers, httpVersionMinor }, res) {
  return method === "GET" && httpVersionMinor > 0 && res.socket !== null &&
         headers["sec-fetch-mode"] === "navigate";
}

function serve(req, res) {
  const fields = req.headers;
  if (!HOST.test(fields.host ?? "")) { // RFC 9112 section 3.2
    res.writeHead(400, { Connection: "close" }).end();
    return;
  }
  const answer = site.answer({
    method: req.method,
    target: req.url,
    tls: false,
    get: (name) => fields[name],
  });
  const { headers, links } = answer.prepared ??= prepare(answer);
  if (links.length > 0 && wantsHints(req, res))
    res.writeEarlyHints({ link: links });
  res.writeHead(answer.status, headers);
  // Node keeps views, not copies, until the client has taken them: what waits
  // for a slow one is the pack itself.
  const { body } = answer;
  if (body.length > 1) {
    res.cork();
    for (const segment of body.slice(0, -1))
      res.write(segment);
    res.end(body.at(-1));
    res.uncork();
  } else {
    res.end(body[0]);
  }
}

// Field lines of one name are joined as RFC 9110 section 5.3 has it; without
// the option Node drops all but the first of some.
const server = createServer({ joinDuplicateHeaders: true }, serve);

// No content is wanted: the answer comes at once, not 100 (RFC 9110 section
// 10.1.1), and the connection ends, since some clients send it all the same.
server.on("checkContinue", (req, res) => {
  res.setHeader("Connection", "close");
  serve(req, res);
});

server.on("error", (e) => giveUp(
  e.code === "EADDRINUSE" ? `port ${port} is busy: set PORT` : e.message));
server.listen(port, host, () => {
  const { address, family, port } = server.address();
  const name = family === "IPv6" ? `[${address}]` : address;
  console.log(`http://${name}:${port}/`);
});

const sockets = new Set();
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
});

// Not server.close of http: it takes a response for sent that still waits for
// its client, and cuts it.
function stop() {
  Server.prototype.close.call(server);
  for (const socket of sockets)
    socket.destroySoon(); // once all is written
  setTimeout(() => sockets.forEach((socket) => socket.destroy()), GRACE_MS)
    .unref();
}
process.once("SIGTERM", stop).once("SIGINT", stop);
