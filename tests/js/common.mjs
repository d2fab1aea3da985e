// common.mjs - what the tests of tests/js share: the site, the requests that
// are played to every host, and what `edgestatic get` answers to them.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const PLACE = process.env.PLACE;
export const NODE = join(PLACE, "node"); // as published for Node
export const WORKERS = join(PLACE, "workers"); // and for Cloudflare
export const PACK = join(NODE, "site.edgepack");

export const load = (name) => import(pathToFileURL(join(NODE, name)));

// `edgestatic` with arguments; its standard output.
export function edgestatic(...args) {
  return execFileSync(process.env.EDGESTATIC, args, { maxBuffer: 1 << 27 });
}

// The pure core's answer: { status, headers, body }.
export function reference({ target, method = "GET", headers = [] }) {
  return parse(edgestatic("get", PACK, target, "-X", method,
    ...headers.flatMap(([n, v]) => ["-H", `${n}: ${v}`])), "\n");
}

function parse(bytes, eol) {
  const head = bytes.indexOf(eol + eol);
  const [first, ...lines] =
    bytes.subarray(0, head).toString("latin1").split(eol);
  return {
    status: Number(first.split(" ")[1]),
    headers: lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
    body: bytes.subarray(head + 2 * eol.length),
  };
}

const etag = (target, coding) =>
  reference({ target, headers: [["Accept-Encoding", coding]] })
    .headers.find(([name]) => name === "ETag")[1];

const browser = [
  ["Accept", "text/html,application/xhtml+xml,*/*;q=0.8"],
  ["Accept-Encoding", "gzip, deflate, br, zstd"],
  ["Accept-Language", "en-GB,en;q=0.5"],
  ["Sec-Fetch-Mode", "navigate"], ["Sec-Fetch-Dest", "document"],
];

// Every ruling that a host can spoil by what it passes on or sends.
export const REQUESTS = [
  { target: "/" },
  { target: "/", headers: browser },
  ...["br", "gzip", "zstd", "identity", "br;q=0", "*", ""].map((coding) => (
    { target: "/about", headers: [["Accept-Encoding", coding]] })),
  { target: "/about", headers: [["Accept-Encoding", "identity;q=0, xyz"]] },
  { target: "/about", method: "HEAD", headers: browser },
  { target: "/about", headers: [["If-None-Match", etag("/about", "br")],
                                ["Accept-Encoding", "br"]] },
  { target: "/about", headers: [["If-None-Match", '"no", "nor"'],
                                ["If-None-Match", etag("/about", "gzip")],
                                ["Accept-Encoding", "gzip"]] },
  { target: "/about", method: "HEAD", headers: [["If-None-Match", "*"]] },
  { target: "/about", headers: [
    ["If-Modified-Since", "Tue, 14 Nov 2023 22:13:20 GMT"]] },
  { target: "/about", headers: [
    ["If-Unmodified-Since", "Mon, 13 Nov 2023 22:13:20 GMT"]] },
  { target: "/about", headers: [["If-Match", '"other"']] },
  { target: "/letters.txt", headers: [["Range", "bytes=3-5"]] },
  { target: "/letters.txt", headers: [["Range", "bytes=-4"]] },
  { target: "/letters.txt", headers: [["Range", "bytes=0-1,5-6,-2"]] },
  { target: "/letters.txt", headers: [["Range", "bytes=26-"]] },
  { target: "/letters.txt", method: "HEAD", headers: [["Range", "bytes=3-5"]] },
  { target: "/letters.txt", headers: [["Range", "bytes=0-0"],
                                      ["If-Range", '"other"']] },
  { target: "/about", headers: [["Range", "bytes=2-9"],
                                ["Accept-Encoding", "br"]] },
  { target: "/noise.bin" },
  { target: "/noise.bin", headers: [["Range", "bytes=1-2000000,2500000-"]] },
  { target: "/empty.txt" },
  { target: "/docs/caf%C3%A9" },
  { target: "/docs/caf%c3%a9.html?a=b&c" },
  { target: "/docs" },
  { target: "/about.html?q=1" },
  { target: "/docs/index.html" },
  { target: "/no/such?page", headers: browser },
  { target: "/no/such", method: "HEAD" },
  { target: "/%zz" },
  { target: "/a%2fb" },
  { target: "/" + "long".repeat(2100) },
  { target: "/", method: "POST" },
  { target: "/", method: "DELETE" },
  { target: "/about", method: "OPTIONS" },
];

export const name = ({ target, method = "GET", headers = [] }) =>
  `${method} ${target.slice(0, 40)} ` +
  headers.map(([n, v]) => `${n}: ${v}`).join(" ").slice(0, 90);

const sorted = (headers) =>
  headers.map(([n, v]) => `${n.toLowerCase()}: ${v}`).sort();

// Of equal status, fields in any order (but those in `own`), and bytes.
export function same(actual, expected, own = []) {
  const theirs = ({ headers }) =>
    sorted(headers.filter(([n]) => !own.includes(n.toLowerCase())));
  assert.equal(actual.status, expected.status);
  assert.deepEqual(theirs(actual), theirs(expected));
  assert.ok(Buffer.compare(actual.body, expected.body) === 0,
            `${actual.body.length} bytes are not ${expected.body.length}`);
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

// A server in a process of its own, once it takes connections.
export async function start(command, args, { port, ...options }) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"],
                                       ...options });
  child.text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data) => child.text += data);
  child.ended = once(child, "exit").then(([code]) => code);
  for (const end = Date.now() + 30e3; Date.now() < end;) {
    if (child.exitCode !== null)
      throw new Error(`${command} ended: ${child.text}`);
    const socket = connect(port, "127.0.0.1");
    const up = await new Promise((done) => {
      socket.on("connect", () => done(true)).on("error", () => done(false));
    });
    socket.destroy();
    if (up)
      return child;
    await new Promise((done) => setTimeout(done, 20));
  }
  child.kill("SIGKILL");
  throw new Error(`${command} does not listen: ${child.text}`);
}

// One connection, requests in turn; field lines go out as they are given.
export class Connection {
  constructor(port) {
    this.socket = connect(port, "127.0.0.1");
    this.bytes = Buffer.alloc(0);
    this.over = false;
    this.socket.on("data", (data) => {
      this.bytes = Buffer.concat([this.bytes, data]);
      this.wake?.();
    });
    this.socket.on("error", () => {});
    this.socket.on("close", () => { this.over = true; this.wake?.(); });
  }

  async until(ready) {
    for (;;) {
      const found = ready();
      if (found !== undefined && found !== -1)
        return found;
      if (this.over)
        throw new Error(`the connection ended: ${this.bytes.length} bytes`);
      await new Promise((done) => this.wake = done);
    }
  }

  async ask({ target, method = "GET", headers = [] }) {
    const lines = [["Host", "site.test"], ...headers]
      .map(([n, v]) => `${n}: ${v}\r\n`);
    this.socket.write(
      `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
    const head = await this.until(() => this.bytes.indexOf("\r\n\r\n"));
    const answer = parse(this.bytes.subarray(0, head + 4), "\r\n");
    const field = answer.headers.find(([n]) => /^content-length$/i.test(n));
    const none = method === "HEAD" || [204, 304].includes(answer.status);
    const length = none ? 0 : Number(field?.[1]);
    assert.ok(length >= 0, "a response without Content-Length");
    const end = head + 4 + length;
    await this.until(() => this.bytes.length >= end || undefined);
    answer.body = this.bytes.subarray(head + 4, end);
    this.bytes = this.bytes.subarray(end);
    return answer;
  }

  close() {
    this.socket.destroy();
  }
}
