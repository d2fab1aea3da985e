// site.test.mjs - sites made of the guests and a pack of 50 MB.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { closeSync, copyFileSync, mkdirSync, openSync, readdirSync,
         readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { WASI } from "node:wasi";

const BUILD = process.env.BUILD;
const PLACE = join(BUILD, "scratch/bundle");
const GUESTS = join(BUILD, "guests");
const PACK = join(PLACE, "site.edgepack");
const PAGE = 65536;

function run(command, ...args) {
  const { status, stderr, error } = spawnSync(command, args);
  if (error) throw error;
  return { status, stderr: stderr.toString() };
}

function runs(command, ...args) {
  const { status, stderr } = run(command, ...args);
  assert.equal(status, 0, `${command} ${args.join(" ")}: ${stderr}`);
}

// Bytes that do not compress, the same every time.
const noise = (length) =>
  createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16))
    .update(Buffer.alloc(length));

const large = noise(50e6);
mkdirSync(join(PLACE, "site"));
writeFileSync(join(PLACE, "site/index.html"), "<h1>Hello</h1>\n");
writeFileSync(join(PLACE, "site/large.bin"), large);
runs(join(BUILD, "edgestatic"), "build", join(PLACE, "site"), "-o", PACK,
  "--fast", "--no-cache", "--quiet");
const pack = readFileSync(PACK);
const indexSize = Number(pack.readBigUInt64LE(16));
const bodies = pack.subarray(indexSize);

const publish = (guest, site, guests = GUESTS) =>
  run(join(BUILD, "edgestatic"), "publish", PACK, "--target", guest, "-o", site,
      "--guests", guests, "--force", "--quiet");

// The core module of a site: itself, or in a component, the section of one
// that exports the slot.
function coreModule(bytes) {
  if (bytes.readUInt32LE(4) === 1) return bytes;
  for (let at = 8; at < bytes.length;) {
    const id = bytes[at++];
    let size = 0;
    for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7) {
      byte = bytes[at++];
      size += (byte & 0x7f) * 2 ** shift;
    }
    const content = bytes.subarray(at, at + size);
    if (id === 1 && content.includes("edgestatic_slot")) return content;
    at += size;
  }
  throw new Error("no core module");
}

// An instance whose imports do nothing.
function instance(module) {
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module))
    (imports[from] ??= {})[name] = () => 0;
  return new WebAssembly.Instance(module, imports).exports;
}

const guests = readdirSync(GUESTS)
  .filter((file) => file.endsWith(".wasm") && file !== "workers.wasm")
  .map((file) => file.slice(0, -".wasm".length));

test("there are guests", () => assert(guests.includes("cgi")));

for (const guest of guests)
  test(guest, async (t) => {
    const site = join(PLACE, `${guest}.site.wasm`);
    const { status, stderr } = publish(guest, site);
    assert.equal(status, 0, stderr);
    const bytes = readFileSync(site);

    await t.test("is valid", () =>
      runs("wasm-tools", "validate", "--features", "all", site));

    await t.test("is the guest, the pack and little else", () => {
      const size = readFileSync(join(GUESTS, `${guest}.wasm`)).length;
      const more = bytes.length - pack.length - size;
      assert(more > 0 && more < 120, `${more} bytes more`);
    });

    await t.test("is the same each time", () => {
      const again = join(PLACE, "again.wasm");
      assert.equal(publish(guest, again).status, 0);
      assert.equal(Buffer.compare(readFileSync(again), bytes), 0);
    });

    await t.test("is no guest any more", () => {
      const guests = join(PLACE, "published");
      mkdirSync(guests, { recursive: true });
      copyFileSync(site, join(guests, `${guest}.wasm`));
      const { status, stderr } =
        publish(guest, join(PLACE, "twice.wasm"), guests);
      assert.equal(status, 3);
      assert.match(stderr, /published site/);
    });

    const module = new WebAssembly.Module(coreModule(bytes));
    const exports = instance(module);
    const slot = exports.edgestatic_slot.value;
    const memory = () => Buffer.from(exports.memory.buffer);

    await t.test("has the index in its memory, and no body", () => {
      const at = memory().readUInt32LE(slot);
      assert.equal(memory().readUInt32LE(slot + 4), indexSize);
      assert.equal(at % PAGE, 0);
      assert.equal(Buffer.compare(memory().subarray(at, at + indexSize),
        pack.subarray(0, indexSize)), 0);
      assert.equal(memory().length, at + Math.ceil(indexSize / PAGE) * PAGE);
    });

    await t.test("reads every byte of the bodies", () => {
      const to = memory().length;
      exports.memory.grow(16);
      for (let at = 0; at < bodies.length; at += 16 * PAGE) {
        const length = Math.min(16 * PAGE, bodies.length - at);
        exports.edgestatic_bodies(to, at, length);
        assert.equal(Buffer.compare(memory().subarray(to, to + length),
          bodies.subarray(at, at + length)), 0, `bodies at ${at}`);
      }
      assert.throws(() => exports.edgestatic_bodies(to, bodies.length, 1),
        WebAssembly.RuntimeError);
    });
  });

test("a large file comes whole out of a command", async () => {
  const out = openSync(join(PLACE, "answer"), "w+");
  const wasi = new WASI({
    version: "preview1", stdout: out,
    env: { REQUEST_METHOD: "GET", PATH_INFO: "/large.bin",
           SERVER_PROTOCOL: "HTTP/1.1" },
  });
  const { instance } = await WebAssembly.instantiate(
    readFileSync(join(PLACE, "cgi.site.wasm")), wasi.getImportObject());
  wasi.start(instance);
  closeSync(out);
  const answer = readFileSync(join(PLACE, "answer"));
  const head = answer.indexOf("\r\n\r\n");
  assert.match(answer.toString("latin1", 0, head), /^Status: 200 /);
  assert.equal(Buffer.compare(answer.subarray(head + 4), large), 0);
});
