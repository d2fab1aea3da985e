// What one would write by hand to serve a few files from a worker: a Map of
// paths, the better of two stored codings, entity tags and 304.  bench/edge
// measures it beside the worker that `edgestatic publish' makes.
// SPDX-License-Identifier: MIT
import files from "files.json";
import data from "files.bin";

const site = new Map(files);
const missing = site.get("/404.html");

function pick(file, accepted) {
  const br = file.variants.br;
  return br && /\bbr\b/.test(accepted) ? [br, "br"]
                                       : [file.variants.identity, null];
}

export default {
  fetch(request) {
    if (request.method !== "GET" && request.method !== "HEAD")
      return new Response(null, { status: 405, headers: { Allow: "GET, HEAD" } });
    const found = site.get(new URL(request.url).pathname);
    const file = found ?? missing;
    const [variant, coding] =
      pick(file, request.headers.get("Accept-Encoding") ?? "");
    const headers = {
      "Content-Type": file.type,
      "Cache-Control": "no-cache",
      "ETag": variant.etag,
      "Vary": "Accept-Encoding",
      "X-Content-Type-Options": "nosniff",
    };
    const wanted = request.headers.get("If-None-Match");
    if (found && wanted !== null && wanted.includes(variant.etag))
      return new Response(null, { status: 304, headers });
    if (coding)
      headers["Content-Encoding"] = coding;
    const body = request.method === "HEAD"
      ? null : new Uint8Array(data, variant.at, variant.length);
    return new Response(body, {
      status: found ? 200 : 404, headers, encodeBody: "manual",
    });
  },
};
