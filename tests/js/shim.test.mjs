// shim.test.mjs - edgestatic.mjs itself, in Node.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { edgestatic, load, name, NODE, PACK, PLACE, reference, REQUESTS, same }
  from "./common.mjs";

const { open, targetOf, whole } = await load("edgestatic.mjs");
const module = new WebAssembly.Module(readFileSync(join(NODE, "workers.wasm")));
const pack = readFileSync(PACK);
const site = open(module, pack);

function ask(site, { target, method = "GET", headers = [], tls = false }) {
  const get = (name) => {
    const lines = headers.filter(([n]) => n.toLowerCase() === name);
    return lines.length > 0 ? lines.map(([, v]) => v).join(", ") : null;
  };
  return site.answer({ method, target, tls, get });
}

for (const request of REQUESTS)
  test(`as the command: ${name(request)}`, () => {
    const expected = reference(request);
    for (let again = 0; again < 2; again++) {
      const answer = ask(site, request);
      assert.deepEqual(answer.headers, expected.headers);
      same({ ...answer, body: whole(answer) ?? Buffer.alloc(0) }, expected);
    }
  });

test("a body is a view of the pack", () => {
  for (const target of ["/noise.bin", "/about"])
    assert.equal(ask(site, { target }).body[0].buffer, pack.buffer);
});

test("an answer from the pack alone is kept, with and without content", () => {
  const get = ask(site, { target: "/about" });
  const head = ask(site, { target: "/about", method: "HEAD" });
  assert.notEqual(get.id, 0);
  assert.equal(head.id, get.id);
  assert.equal(head.contentLength, get.contentLength);
  assert.equal(head.body.length, 0);
  assert.equal(ask(site, { target: "/about" }), get);
  assert.equal(ask(site, { target: "/about", method: "HEAD" }), head);
  assert.equal(ask(site, { target: "/about?again" }), get);
});

test("an answer of its own outlives the next request", () => {
  const first = ask(site, { target: "/about.html?first" });
  ask(site, { target: "/docs?second" });
  assert.equal(String(Buffer.from(whole(first))), "308 Permanent Redirect\n");
  assert.equal(first.headers[0][1], "/about?first");
});

test("found tells a 404 of the site from all else", () => {
  assert.equal(ask(site, { target: "/no/such" }).found, false);
  assert.equal(ask(site, { target: "/about" }).found, true);
  assert.equal(ask(site, { target: "/%zz" }).found, true);
});

test("kept answers are bounded, and right when they come again", () => {
  const many = join(PLACE, "many");
  mkdirSync(many, { recursive: true });
  const count = 4200; // more than edgestatic.mjs keeps
  for (let i = 0; i < count; i++)
    writeFileSync(join(many, `${i}.txt`), `number ${i}`);
  edgestatic("build", many, "-o", `${many}.edgepack`, "--fast", "--no-cache",
             "--quiet");
  const site = open(module, readFileSync(`${many}.edgepack`));
  const first = ask(site, { target: "/0.txt" });
  for (let i = 0; i < count; i++) {
    const { body } = ask(site, { target: `/${i}.txt` });
    assert.equal(Buffer.from(body[0]).toString(), `number ${i}`);
  }
  const again = ask(site, { target: "/0.txt" });
  assert.notEqual(again, first);
  assert.deepEqual(again, first);
});

test("sites of one module do not meet", () => {
  const other = open(module, pack.buffer.slice(pack.byteOffset,
    pack.byteOffset + pack.length));
  const mine = ask(site, { target: "/about.html?mine" });
  ask(other, { target: "/about.html?theirs" });
  assert.equal(mine.headers[0][1], "/about?mine");
});

test("a request line or fields without room are refused, not cut", () => {
  const long = "x".repeat(100000);
  assert.equal(ask(site, { target: "/" + long }).status, 414);
  assert.equal(ask(site, { target: "/", method: long }).status, 414);
  const { status, body, headers } =
    ask(site, { target: "/", headers: [["Accept", long]] });
  assert.equal(status, 431);
  assert.deepEqual([body, headers], [[], [["Content-Length", "0"]]]);
  assert.equal(ask(site, { target: "/" }).status, 200);
});

test("a character that is no byte names nothing and matches nothing", () => {
  assert.equal(ask(site, { target: "/docs/caf\u0169" }).status, 400);
  const etag = ask(site, { target: "/about" })
    .headers.find(([n]) => n === "ETag")[1];
  const wide = [...etag].map((c) =>
    String.fromCharCode(c.charCodeAt(0) + 256)).join("");
  assert.equal(ask(site, { target: "/about",
                           headers: [["If-None-Match", wide]] }).status, 200);
});

test("an empty field is there, an absent one is not", () => {
  const empty = ask(site, { target: "/about",
                            headers: [["If-Match", ""]] });
  assert.equal(empty.status, 412);
  assert.equal(ask(site, { target: "/about" }).status, 200);
});

test("targetOf gives the target of a URL as it stands there", () => {
  for (const [url, target] of [
    ["https://a.test/", "/"], ["http://a.test/x/../y?q#f", "/x/../y?q"],
    ["http://[::1]:8080//a", "//a"], ["http://a.test*", "*"],
    ["http://a.test/\u00e9%\u{1f600}\ud800", "/%C3%A9%%F0%9F%98%80\ud800"],
  ])
    assert.equal(targetOf(url), target);
});

// ---- What cannot be opened ----

const refused = (bytes, message) =>
  assert.throws(() => open(module, bytes), { name: "Error", message });

test("a pack that is cut anywhere is refused", () => {
  for (const length of [0, 7, 55, 56, 1000, pack.length - 1])
    refused(pack.subarray(0, length),
            length < 56 ? /^edgestatic: not an edgestatic pack/
                        : /^edgestatic: the pack is truncated: \d+ of .*\d+ /);
});

function changed(at, byte) {
  const copy = Buffer.from(pack);
  copy[at] = byte;
  return copy;
}

test("a damaged index is refused", () => {
  const at = Number(pack.readBigUInt64LE(16)) - 9;
  refused(changed(at, pack[at] ^ 1), /the pack's index does not match/);
});

test("a pack of a newer version is refused", () => {
  refused(changed(8, 2), /^edgestatic: the pack needs a newer edgestatic$/);
});

test("an index that no memory holds is refused", () => {
  const copy = Buffer.from(pack);
  copy.writeBigUInt64LE(1n << 40n, 16);
  refused(copy, /^edgestatic: a limit of the pack format was reached$/);
});

// Of a module: that its memory cannot grow.
function withoutGrowth(wasm) {
  const at = [5, null, 1, 0]; // memory section, its size, one memory, no most
  for (let i = 8; i < wasm.length; i++)
    if (at.every((byte, j) => byte === null || wasm[i + j] === byte)) {
      const end = i + 2 + wasm[i + 1], min = wasm.subarray(i + 4, end);
      return Buffer.concat([wasm.subarray(0, i),
        Buffer.of(5, 2 + 2 * min.length, 1, 1), min, min, wasm.subarray(end)]);
    }
  throw new Error("no memory section");
}

test("an index that this memory does not hold is refused", () => {
  const small = withoutGrowth(readFileSync(join(NODE, "workers.wasm")));
  assert.throws(() => open(new WebAssembly.Module(small), pack), { message:
    /^edgestatic: no memory for the pack's index of \d+ bytes$/ });
});

test("what is no buffer is refused", () => {
  for (const bytes of [null, undefined, "pack", [1, 2], 5])
    refused(bytes, /^edgestatic: the pack has to be an ArrayBuffer/);
});

test("a foreign module is refused", () => {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  for (const foreign of [new WebAssembly.Module(empty), empty, null])
    assert.throws(() => open(foreign, pack),
                  { message: /^edgestatic: this is not the compiled module/ });
});
