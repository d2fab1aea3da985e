// site.mjs - what the tests of the guests share: a pack, sites made of it, and
// what the command answers, which every host has to answer too.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Where the programs are, the guests, and where to write.
const { BUILD, GUESTS, PLACE } = process.env;

export function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args,
    { maxBuffer: 64 << 20, ...options });
  if (error) throw error;
  return { status, stdout, stderr: stderr.toString() };
}

function runs(command, ...args) {
  const { status, stdout, stderr } = run(command, args);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

// Bytes that do not compress, the same every time.
export const noise = (length) =>
  createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16))
    .update(Buffer.alloc(length));

export const LARGE = 3_000_000;

// A folder of its own for each test file, since they run at once.  `more` has
// files beside those that every site has.
export function makeSite(name, more = {}) {
  const place = join(PLACE, name);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(join(place, "public"), { recursive: true });
  const file = (path, bytes) => writeFileSync(join(place, "public", path), bytes);
  file("index.html", "<h1>Hello</h1>\n" + "<p>Some text.</p>\n".repeat(500));
  file("about.html", "<h1>About</h1>\n");
  file("404.html", "<h1>Not here</h1>\n");
  file("a b%c.txt", "a name that has to be encoded\n");
  file("empty.txt", "");
  file("middle.bin", noise(256 * 1024 + 1));
  file("large.bin", noise(LARGE));
  for (const path in more) file(path, more[path]);

  const pack = join(place, "site.edgepack");
  runs(join(BUILD, "edgestatic"), "build", join(place, "public"), "-o", pack,
    "--fast", "--no-cache", "--quiet");
  return { place, pack };
}

export const guestFile = (flavour) => join(GUESTS, `${flavour}.wasm`);

export function makeModule({ place, pack }, flavour) {
  const site = join(place, `${flavour}.site.wasm`);
  runs(join(BUILD, "edgestatic"), "publish", pack, "--target", flavour,
    "--guests", GUESTS, "--output", site, "--force", "--quiet");
  return site;
}

// A response, {status, fields, body}, from its head and what follows.  Names
// in lower case, since some hosts make them so.
function parse(bytes, eol, statusOf) {
  const end = bytes.indexOf(eol + eol);
  if (end < 0) throw new Error(`no head: ${bytes.subarray(0, 200)}`);
  const [first, ...lines] = bytes.toString("latin1", 0, end).split(eol);
  const fields = lines.map((line) => {
    const at = line.indexOf(": ");
    return [line.slice(0, at).toLowerCase(), line.slice(at + 2)];
  });
  return { status: statusOf(first), fields, body: bytes.subarray(end + 2 * eol.length) };
}

export const parseHttp = (bytes) =>
  parse(bytes, "\r\n", (line) => Number(line.split(" ")[1]));

// The command ends lines as a terminal likes it.
export const parseCommand = (bytes) =>
  parse(bytes, "\n", (line) => Number(line.split(" ")[1]));

export const parseCgi = (bytes) => parse(bytes, "\r\n", (line) => {
  if (!/^Status: \d{3} /.test(line)) throw new Error(`no status: ${line}`);
  return Number(line.split(" ")[1]);
});

// What the command gives for a request {method, target, fields}.
export function expected({ pack }, { method = "GET", target, fields = [] }) {
  return parseCommand(runs(join(BUILD, "edgestatic"), "get", pack, target, "-X",
    method, ...fields.flatMap(([name, value]) => ["-H", `${name}: ${value}`])));
}

export function same(got, want) {
  assert.equal(got.status, want.status);
  assert.deepEqual(got.fields, want.fields);
  assert(Buffer.compare(got.body, want.body) === 0, "other content");
}

// What a guest answers by itself.
export function refusal(status, line) {
  const body = Buffer.from(`${status} ${line}\n`);
  return { status, body, fields: [
    ["content-type", "text/plain; charset=utf-8"],
    ["content-length", String(body.length)],
    ["x-content-type-options", "nosniff"],
    ["cache-control", "no-store"]] };
}

export const TOO_LONG = refusal(414, "URI Too Long");
export const TOO_LARGE = refusal(431, "Request Header Fields Too Large");
export const NO_SITE = refusal(500, "Internal Server Error: " +
  "no site in this module, see edgestatic publish");

// The meta-variables of a request, as a server gives them.
export const cgiVariables = ({ method = "GET", target, fields = [] }) => ({
  GATEWAY_INTERFACE: "CGI/1.1", SERVER_PROTOCOL: "HTTP/1.1",
  REQUEST_METHOD: method, REQUEST_URI: target,
  ...Object.fromEntries(fields.map(([name, value]) =>
    [`HTTP_${name.toUpperCase().replaceAll("-", "_")}`, value])),
});

// Of each kind of response, one.
export function requests({ pack }) {
  const home = expected({ pack },
    { target: "/", fields: [["Accept-Encoding", "br"]] });
  const etag = home.fields.find(([name]) => name === "etag")[1];
  return {
    "a page": { target: "/" },
    "a page in br": { target: "/", fields: [["Accept-Encoding", "br, gzip"]] },
    "a page with a query": { target: "/?a=%20b" },
    "its fields alone": { method: "HEAD", target: "/" },
    "304": { target: "/",
             fields: [["Accept-Encoding", "br"], ["If-None-Match", etag]] },
    "412": { target: "/", fields: [["If-Match", '"x"']] },
    "a range": { target: "/large.bin", fields: [["Range", "bytes=100-299"]] },
    "two ranges": { target: "/large.bin",
                    fields: [["Range", "bytes=0-9,2000000-2999999"]] },
    "416": { target: "/", fields: [["Range", "bytes=999999-"]] },
    "a file of three megabytes": { target: "/large.bin" },
    "a file of more than one piece": { target: "/middle.bin" },
    "its head": { method: "HEAD", target: "/large.bin" },
    "an empty file": { target: "/empty.txt" },
    "an encoded name": { target: "/a%20b%25c.txt" },
    "a redirect": { target: "/about.html?q" },
    "a path that is not there": { target: "/no/where" },
    "a target that is none": { target: "/%zz" },
    "a method that is not allowed": { method: "POST", target: "/" },
    "OPTIONS": { method: "OPTIONS", target: "/" },
  };
}

export const readModule = (file) =>
  new WebAssembly.Module(readFileSync(file));
