// lambda-edge.mjs - answers CloudFront's requests from a pack: Lambda@Edge.
//
// For the event origin-request (or viewer-request), with the handler
// "lambda-edge.handler".  Needs beside it: edgestatic.mjs workers.wasm
// site.edgepack.
//
// What CloudFront takes (its Developer Guide: "Quotas on Lambda@Edge" and
// "Restrictions on all edge functions"):
// - 1 MB of a generated response at an origin request, 40 KB at a viewer
//   request.  What is larger is passed on, as if no function were there: from
//   a viewer request to CloudFront's cache, from an origin request to the
//   origin, which every distribution has.  Put the large files of the site
//   there too.  An error in their place would be cached and help nobody.
// - No field that CloudFront writes itself, or it answers 502.
// - Accept-Encoding reaches an origin request only where the cache policy has
//   gzip and brotli enabled, and is part of the cache key then; else all
//   bodies are identity.
// - At an origin request the answer goes into CloudFront's cache, whose key
//   has no precondition and no Range: a 304 or 206 there would reach those who
//   asked for all.  So it gets the whole, and makes 304 and 206 of it for each
//   viewer by itself.  Nor need the key have an Available-Dictionary that is
//   forwarded: a delta there would reach those who cannot decode it, so it gets
//   none (RFC 9842 section 6.2).  At a viewer request nothing is kept.
//
// SPDX-License-Identifier: MIT
import { readFileSync } from "node:fs";
import { open, whole } from "./edgestatic.mjs";

const LIMIT = { "origin-request": 1e6, "viewer-request": 4e4 };

// Of the request: what a cache in front rules on, or does not tell apart.
const CACHES = /^(if-.*|range|available-dictionary)$/;

// Disallowed in responses, or CloudFront's own to write.
const FOREIGN = new RegExp("^(" + [
  "cdn-loop", "connection", "content-length", "expect", "keep-alive",
  "proxy-authenticate", "proxy-authorization", "proxy-connection", "trailer",
  "transfer-encoding", "upgrade", "via", "x-accel-.*", "x-amz-cf-.*",
  "x-amzn-.*", "x-cache", "x-edge-.*", "x-forwarded-proto", "x-real-ip",
].join("|") + ")$");

function beside(name) {
  return readFileSync(new URL(name, import.meta.url));
}

const site = open(new WebAssembly.Module(beside("workers.wasm")),
                  beside("site.edgepack"));

// { name: [{ key: "Name", value }, ...] }, as requests and responses have it.
function toCloudFront(headers) {
  const all = {};
  for (const [key, value] of headers) {
    const name = key.toLowerCase();
    if (!FOREIGN.test(name))
      (all[name] ??= []).push({ key, value });
  }
  return all;
}

export async function handler(event) {
  const { config, request } = event.Records[0].cf;
  const limit = LIMIT[config.eventType];
  if (limit === undefined)
    throw new Error("edgestatic: lambda-edge.mjs is for viewer-request and " +
                    `origin-request, not for ${config.eventType}`);
  const { headers, querystring, uri } = request;
  const kept = config.eventType === "origin-request";
  const get = (name) => kept && CACHES.test(name) ? undefined
    : headers[name]?.map((line) => line.value)
      .join(name === "cookie" ? "; " : ", "); // RFC 9110 section 5.3

  const answer = site.answer({
    method: request.method,
    target: querystring ? `${uri}?${querystring}` : uri,
    tls: get("cloudfront-forwarded-proto") === "https",
    country: get("cloudfront-viewer-country"),
    get,
  });
  if (answer.contentLength > limit) // of HEAD too: both come from one place
    return request;
  answer.prepared ??= toCloudFront(answer.headers);
  const response = { status: String(answer.status), headers: answer.prepared };
  if (answer.body.length > 0) {
    const { buffer, byteOffset, byteLength } = whole(answer);
    response.body = Buffer.from(buffer, byteOffset, byteLength)
      .toString("base64");
    response.bodyEncoding = "base64";
  }
  return JSON.stringify(response).length > limit ? request : response;
}
