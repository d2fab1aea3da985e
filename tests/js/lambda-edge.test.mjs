// lambda-edge.test.mjs - lambda-edge.mjs, with events as CloudFront sends them.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import test from "node:test";
import { load, name, reference, REQUESTS, same } from "./common.mjs";

const { handler } = await load("lambda-edge.mjs");

function eventOf({ target, method = "GET", headers = [] }, eventType) {
  const [uri, querystring = ""] = target.split(/\?(.*)/s);
  const all = {};
  for (const [key, value] of headers)
    (all[key.toLowerCase()] ??= []).push({ key, value });
  return { Records: [{ cf: {
    config: { distributionId: "EXAMPLE", eventType, requestId: "example" },
    request: { clientIp: "192.0.2.1", method, uri, querystring, headers: all },
  } }] };
}

const ask = (request, eventType) => handler(eventOf(request, eventType));

const parsed = ({ status, headers, body = "" }) => ({
  status: Number(status),
  headers: Object.values(headers).flat().map(({ key, value }) => [key, value]),
  body: Buffer.from(body, "base64"),
});

const large = (target) => target === "/noise.bin";
const small = REQUESTS.filter(({ target }) => !large(target));

for (const request of small)
  test(`as the command, to a viewer: ${name(request)}`, async () =>
    same(parsed(await ask(request, "viewer-request")), reference(request),
         ["content-length"]));

// What goes into CloudFront's cache.
const whole = ({ headers = [], ...request }) => ({ ...request,
  headers: headers.filter(([n]) => !/^(if-|range$)/i.test(n)) });

for (const request of small)
  test(`whole, to the cache: ${name(request)}`, async () => {
    const answer = parsed(await ask(request, "origin-request"));
    assert.notEqual(answer.status, 206);
    assert.notEqual(answer.status, 304);
    same(answer, reference(whole(request)), ["content-length"]);
  });

for (const request of REQUESTS.filter(({ target }) => large(target)))
  test(`passed on to the origin: ${name(request)}`, async () => {
    const event = eventOf(request, "origin-request");
    assert.equal(await handler(event), event.Records[0].cf.request);
  });

test("the response has the shape that CloudFront asks for", async () => {
  const { status, headers, body, bodyEncoding, ...rest } =
    await ask({ target: "/letters.txt" }, "origin-request");
  assert.deepEqual(rest, {});
  assert.equal(status, "200");
  assert.equal(bodyEncoding, "base64");
  assert.equal(Buffer.from(body, "base64").toString(),
               "abcdefghijklmnopqrstuvwxyz");
  assert.deepEqual(headers["content-type"], [
    { key: "Content-Type", value: "text/plain; charset=utf-8" }]);
  assert.equal(headers["content-length"], undefined);
  const empty = await ask({ target: "/", method: "HEAD" },
                          "origin-request");
  assert.deepEqual(Object.keys(empty), ["status", "headers"]);
});

test("a viewer request takes 40 KB, HEAD as GET", async () => {
  const event = (method) =>
    eventOf({ target: "/noise.bin", method,
              headers: [["Range", "bytes=0-39999"]] }, "viewer-request");
  for (const method of ["GET", "HEAD"]) {
    const e = event(method);
    assert.equal(await handler(e), e.Records[0].cf.request);
  }
  const small = await ask({ target: "/letters.txt" }, "viewer-request");
  assert.equal(small.status, "200");
});

test("an event of another kind is an error that says so", async () => {
  await assert.rejects(ask({ target: "/" }, "viewer-response"),
                       /is for viewer-request and origin-request/);
});
