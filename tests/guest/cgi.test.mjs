// cgi.test.mjs - the CGI guest in Node's WASI, and on a host whose writes are
// short or fail.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { WASI } from "node:wasi";
import { cgiVariables, expected, guestFile, makeModule, makeSite, NO_SITE,
         parseCgi, readModule, refusal, requests, same, TOO_LARGE, TOO_LONG } from "./site.mjs";

const site = makeSite("cgi");
const module = readModule(makeModule(site, "cgi"));
const all = requests(site);

function inNode(env, what = module) {
  const file = join(site.place, "answer"), stdout = openSync(file, "w");
  const wasi = new WASI({ version: "preview1", env, stdout, returnOnExit: true });
  const status = wasi.start(new WebAssembly.Instance(what,
    wasi.getImportObject()));
  closeSync(stdout);
  return { status, bytes: readFileSync(file) };
}

const answer = (env) => {
  const { status, bytes } = inNode(env);
  assert.equal(status, 0);
  return parseCgi(bytes);
};

for (const [name, request] of Object.entries(all))
  test(name, () =>
    same(answer(cgiVariables(request)), expected(site, request)));

test("a decoded path gives what the encoded one gives", () => {
  const variables = (PATH_INFO) => ({ REQUEST_METHOD: "GET", PATH_INFO });
  same(answer(variables("/a b%c.txt")),
    expected(site, all["an encoded name"]));
  same(answer(variables("/")), expected(site, all["a page"]));
  same(answer({ ...variables("/about.html"), QUERY_STRING: "q" }),
    expected(site, all["a redirect"]));
});

// WASI as far as the guest uses it.  write(bytes) is what one fd_write does:
// it returns the error and how many bytes were taken.
function onHost(variables, write, what = module) {
  const list = variables.map((text) => Buffer.from(text + "\0", "latin1"));
  let memory, status;
  const set32 = (at, n) => new DataView(memory.buffer).setUint32(at, n, true);
  const get32 = (at) => new DataView(memory.buffer).getUint32(at, true);
  class Exit extends Error {}
  const { exports } = new WebAssembly.Instance(what, { wasi_snapshot_preview1: {
    environ_sizes_get(count, size) {
      set32(count, list.length);
      set32(size, list.reduce((sum, { length }) => sum + length, 0));
      return 0;
    },
    environ_get(pointers, at) {
      for (const text of list) {
        set32(pointers, at);
        new Uint8Array(memory.buffer).set(text, at);
        pointers += 4;
        at += text.length;
      }
      return 0;
    },
    fd_write(fd, iov, count, written) {
      assert.equal(fd, 1);
      assert.equal(count, 1);
      const { error, taken } = write(Buffer.from(
        memory.buffer.slice(get32(iov), get32(iov) + get32(iov + 4))));
      set32(written, taken);
      return error;
    },
    proc_exit(n) {
      status = n;
      throw new Exit();
    },
  } });
  memory = exports.memory;
  try {
    exports._start();
    status = 0;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
  }
  return status;
}

const GET = ["REQUEST_METHOD=GET", "REQUEST_URI=/large.bin"];
const AGAIN = 6, INTR = 27, PIPE = 64;

test("short and interrupted writes make no difference", () => {
  const pieces = [];
  let calls = 0;
  const status = onHost(GET, (bytes) => {
    calls++;
    if (calls % 3 === 0) return { error: AGAIN, taken: 0 };
    if (calls % 5 === 0) return { error: INTR, taken: 0 };
    const taken = Math.min(bytes.length, 10_007);
    pieces.push(bytes.subarray(0, taken));
    return { error: 0, taken };
  });
  assert.equal(status, 0);
  same(parseCgi(Buffer.concat(pieces)),
    expected(site, all["a file of three megabytes"]));
});

test("a small response is one write", () => {
  let calls = 0;
  onHost(["REQUEST_METHOD=GET", "REQUEST_URI=/"], ({ length }) => {
    calls++;
    return { error: 0, taken: length };
  });
  assert.equal(calls, 1);
});

test("a write that fails ends the command with a status", () => {
  for (const answer of [{ error: PIPE, taken: 0 }, { error: 0, taken: 0 }]) {
    let calls = 0;
    assert.equal(onHost(GET, ({ length }) =>
      ++calls < 3 ? { error: 0, taken: length } : answer), 1);
    assert.equal(calls, 3);
  }
});

test("what does not fit is refused, not cut", () => {
  const refused = (wanted, variables) => {
    const pieces = [];
    assert.equal(onHost(variables, (bytes) => {
      pieces.push(bytes);
      return { error: 0, taken: bytes.length };
    }), 0);
    same(parseCgi(Buffer.concat(pieces)), wanted);
  };
  refused(TOO_LARGE, [...GET, `HTTP_COOKIE=${"a".repeat(200_000)}`]);
  refused(TOO_LARGE, [...GET, ...Array(1100).fill("A=b")]);
  const long = `PATH_INFO=/${" ".repeat(40_000)}`;
  refused(TOO_LONG, ["REQUEST_METHOD=GET", long]);
  refused({ ...TOO_LONG, body: Buffer.alloc(0) }, ["REQUEST_METHOD=HEAD", long]);
});

test("what is no CGI, or no site, is told", () => {
  same(parseCgi(inNode({}).bytes), refusal(500, "Internal Server Error: " +
    "no REQUEST_METHOD, this module speaks CGI (RFC 3875)"));
  const bare = inNode({ REQUEST_METHOD: "GET" }, readModule(guestFile("cgi")));
  same(parseCgi(bare.bytes), NO_SITE);
});

test("no more of WASI is imported than it takes", () => {
  assert.deepEqual(WebAssembly.Module.imports(module)
    .map(({ module: from, name }) => `${from}.${name}`).sort(),
  ["environ_get", "environ_sizes_get", "fd_write", "proc_exit"]
    .map((name) => `wasi_snapshot_preview1.${name}`));
});
