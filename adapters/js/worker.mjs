// worker.mjs - serves a pack as a Cloudflare Worker.
//
// Needs beside it: edgestatic.mjs workers.wasm site.edgepack.  A rule of
// wrangler.jsonc makes the pack a module: { "type": "Data", "globs":
// ["**/*.edgepack"] }; for workerd it is (name = "site.edgepack", data = ...).
//
// The target is what request.url has.  workerd hands it on as it came; the
// edge in front of it may have normalised it (URL normalization, a setting of
// the zone).
//
// Headers joins all lines of a name by a comma, those of Cookie too, where it
// says nothing: it stands for the semicolon there (RFC 9113 section 8.2.3).
//
// SPDX-License-Identifier: MIT
import { open, targetOf } from "./edgestatic.mjs";
import pack from "./site.edgepack";
import wasm from "./workers.wasm";

const site = open(wasm, pack);

// A larger body goes out by pieces: `new Response` copies it whole, and an
// isolate has 128 MB for all its requests.
const PIECE = 1 << 18;

async function send(body, writable) {
  const writer = writable.getWriter();
  for (const segment of body)
    for (let at = 0; at < segment.length; at += PIECE)
      await writer.write(segment.subarray(at, at + PIECE));
  await writer.close();
}

// The edge writes an Accept-Encoding of its own; `cf` has the client's.
function fieldOf(name, headers, cf) {
  if (name === "accept-encoding")
    return cf?.clientAcceptEncoding ?? headers.get(name);
  const value = headers.get(name);
  return name === "cookie" ? value?.replaceAll(", ", "; ") : value;
}

export default {
  fetch(request, env, context) {
    const { headers, url, cf } = request;
    const answer = site.answer({
      method: request.method,
      target: targetOf(url),
      tls: url.startsWith("https:"),
      country: cf?.country, // none where the edge does not know it
      get: (name) => fieldOf(name, headers, cf),
    });

    // The bodies are coded already: "manual" hands them on as they are.
    answer.prepared ??= { status: answer.status,
                          headers: new Headers(answer.headers),
                          encodeBody: "manual" };
    const { body, contentLength } = answer;
    if (body.length === 0)
      return new Response(null, answer.prepared);
    if (body.length === 1 && contentLength <= PIECE)
      return new Response(body[0], answer.prepared);
    // FixedLengthStream keeps Content-Length where another stream would not.
    const { readable, writable } = new FixedLengthStream(contentLength);
    context.waitUntil(send(body, writable).catch(() => {})); // who went away
    return new Response(readable, answer.prepared);
  },
};
