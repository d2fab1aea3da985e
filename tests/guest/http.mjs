// http.mjs - servers that the tests of the guests start, and a client that
// sees every byte of what they answer.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parseHttp } from "./site.mjs";

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// Runs a command that listens on the port, until the test t has ended.
// Returns what it has said so far, as a function.
export async function startServer(t, port, command, args) {
  const child = spawn(command, args,
    { stdio: ["ignore", "pipe", "pipe"], detached: true });
  let log = "";
  child.stdout.on("data", (data) => { log += data; });
  child.stderr.on("data", (data) => { log += data; });
  t.after(() => new Promise((resolve) => {
    child.once("exit", resolve);
    // And its children: some hosts are scripts that start another process.
    process.kill(-child.pid, "SIGKILL");
  }));
  for (let tries = 0; ; tries++) {
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (open) return () => log;
    assert(child.exitCode === null && tries < 600, `${command}: ${log}`);
    await sleep(50);
  }
}

// Fields that a host adds, which are left out.
const HOST_FIELDS = ["date", "connection", "keep-alive"];

// A connection that stays open for one request after the other.
export class Client {
  constructor(port) {
    this.socket = connect(port, "127.0.0.1");
    this.pieces = [];
    this.closed = false;
    this.socket.on("data", (data) => {
      this.pieces.push(data);
      this.wake?.();
    });
    this.socket.on("close", () => {
      this.closed = true;
      this.wake?.();
    });
    this.socket.on("error", () => {});
  }

  // What has come since; nothing once the connection is closed.
  async more() {
    if (this.pieces.length === 0 && !this.closed)
      await new Promise((resolve) => { this.wake = resolve; });
    const bytes = Buffer.concat(this.pieces);
    this.pieces = [];
    return bytes;
  }

  send({ method = "GET", target, fields = [] }) {
    const lines = [["Host", "site.example"], ...fields]
      .map(([name, value]) => `${name}: ${value}\r\n`).join("");
    this.socket.write(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`);
  }

  async ask(request) {
    this.send(request);
    return this.receive(request);
  }

  async receive({ method = "GET" }) {
    const pieces = [];
    let length = 0, size = Infinity;
    while (length < size) {
      const more = await this.more();
      assert(more.length > 0, "the connection was closed");
      pieces.push(more);
      length += more.length;
      if (size < Infinity) continue;
      const start = Buffer.concat(pieces), end = start.indexOf("\r\n\r\n");
      if (end < 0) continue;
      const head = start.toString("latin1", 0, end);
      const known = head.match(/^content-length: (\d+)$/im);
      const none = method === "HEAD" || / (204|304) /.test(head.split("\r")[0]);
      assert(none || known, `no length: ${head}`);
      size = end + 4 + (none ? 0 : Number(known[1]));
    }
    assert.equal(length, size, "more than the response");
    const got = parseHttp(Buffer.concat(pieces));
    got.fields = got.fields.filter(([name]) => !HOST_FIELDS.includes(name));
    return got;
  }

  close() {
    this.socket.destroy();
  }
}
