// fastly-host.mjs - a host of the Fastly Compute interface, as far as the guest
// uses it: counts calls, fails on demand, and keeps what was answered.
// SPDX-License-Identifier: MIT

const OK = 0, ERROR = 1, INVAL = 2, BADF = 3, BUFLEN = 4, NONE = 10;

export class FastlyHost {
  // requests: [{method, uri, fields}].  options.failAt: the call that fails,
  // counted from 0.  options.writes: most bytes that one write takes.
  // options.lists: most items of one page of names or values.
  constructor(requests, options = {}) {
    this.waiting = [...requests];
    this.options = { writes: Infinity, lists: Infinity, ...options };
    this.calls = [];
    this.answers = [];
    this.handles = new Map();
    this.last = 0;
  }

  // Runs the module to its end.  True when it ended by itself.
  run(module) {
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module))
      (imports[from] ??= {})[name] = (...args) =>
        this.call(`${from}.${name}`, args);
    const { exports } = new WebAssembly.Instance(module, imports);
    this.memory = exports.memory;
    try {
      exports._start();
      return true;
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      return false;
    }
  }

  call(name, args) {
    this.calls.push(name);
    if (this.calls.length - 1 === this.options.failAt) return ERROR;
    const method = this[name];
    if (!method) throw new Error(`no such call: ${name}`);
    return method.apply(this, args);
  }

  view() { return new DataView(this.memory.buffer); }
  set32(at, n) { this.view().setUint32(at, n, true); }
  bytes(at, length) {
    return Buffer.from(this.memory.buffer.slice(at, at + length));
  }

  open(thing) {
    this.handles.set(++this.last, thing);
    return this.last;
  }

  close(handle) {
    return this.handles.delete(handle) ? OK : BADF;
  }

  give(text, to, size, lengthAt) {
    const bytes = Buffer.from(text, "latin1");
    this.set32(lengthAt, bytes.length);
    if (bytes.length > size) return BUFLEN;
    new Uint8Array(this.memory.buffer).set(bytes, to);
    return OK;
  }

  // A page of a list: items that end with NUL, from number cursor on.
  giveList(items, to, size, cursor, nextAt, lengthAt) {
    let text = "", next = cursor;
    for (; next < items.length && next - cursor < this.options.lists; next++) {
      if (text.length + items[next].length + 1 > size) {
        if (text !== "") break;
        this.set32(lengthAt, items[next].length + 1);
        return BUFLEN;
      }
      text += items[next] + "\0";
    }
    this.view().setBigInt64(nextAt, BigInt(next < items.length ? next : -1),
      true);
    return this.give(text, to, size, lengthAt);
  }

  take(requestAt, bodyAt) {
    const request = this.waiting.shift();
    this.answers.push({ state: "none" });
    this.set32(requestAt, this.open(request));
    this.set32(bodyAt, this.open({ written: [] }));
    return OK;
  }

  "fastly_abi.init"(version) { return version === 1n ? OK : INVAL; }

  "fastly_http_req.body_downstream_get"(requestAt, bodyAt) {
    return this.take(requestAt, bodyAt);
  }

  "fastly_http_downstream.next_request"(mask, optionsAt, promiseAt) {
    if (this.waiting.length === 0) return NONE;
    this.set32(promiseAt, this.open("promise"));
    return OK;
  }

  "fastly_http_downstream.next_request_wait"(promise, requestAt, bodyAt) {
    if (this.handles.get(promise) !== "promise") return BADF;
    this.handles.delete(promise);
    return this.take(requestAt, bodyAt);
  }

  "fastly_http_req.close"(handle) { return this.close(handle); }

  "fastly_http_req.method_get"(handle, to, size, lengthAt) {
    return this.give(this.handles.get(handle).method, to, size, lengthAt);
  }

  "fastly_http_req.uri_get"(handle, to, size, lengthAt) {
    return this.give(this.handles.get(handle).uri, to, size, lengthAt);
  }

  "fastly_http_req.header_names_get"(handle, to, size, cursor, nextAt, lengthAt) {
    const names = this.handles.get(handle).fields.map(([name]) =>
      name.toLowerCase());
    return this.giveList([...new Set(names)], to, size, cursor, nextAt,
      lengthAt);
  }

  "fastly_http_req.header_values_get"(handle, name, nameLength, to, size, cursor,
    nextAt, lengthAt) {
    const wanted = this.bytes(name, nameLength).toString();
    const values = this.handles.get(handle).fields
      .filter(([given]) => given.toLowerCase() === wanted)
      .map(([, value]) => value);
    return this.giveList(values, to, size, cursor, nextAt, lengthAt);
  }

  "fastly_http_resp.new"(at) {
    this.set32(at, this.open({ status: 200, fields: [], framing: 0 }));
    return OK;
  }

  "fastly_http_resp.status_set"(handle, status) {
    this.handles.get(handle).status = status;
    return OK;
  }

  "fastly_http_resp.header_append"(handle, name, nameLength, value, length) {
    this.handles.get(handle).fields.push([
      this.bytes(name, nameLength).toString("latin1").toLowerCase(),
      this.bytes(value, length).toString("latin1")]);
    return OK;
  }

  "fastly_http_resp.framing_headers_mode_set"(handle, mode) {
    this.handles.get(handle).framing = mode;
    return OK;
  }

  "fastly_http_resp.send_downstream"(handle, body, streaming) {
    const response = this.handles.get(handle), content = this.handles.get(body);
    const answer = this.answers.at(-1);
    if (!response || !content || answer.state !== "none") return BADF;
    this.handles.delete(handle);
    Object.assign(answer, response, { content, body,
                                      state: streaming ? "streaming" : "whole" });
    if (!streaming) this.handles.delete(body);
    return OK;
  }

  "fastly_http_body.new"(at) {
    this.set32(at, this.open({ written: [] }));
    return OK;
  }

  "fastly_http_body.write"(handle, from, length, end, writtenAt) {
    const body = this.handles.get(handle);
    if (!body || end !== 0) return BADF;
    const taken = Math.min(length, this.options.writes);
    body.written.push(this.bytes(from, taken));
    this.set32(writtenAt, taken);
    return OK;
  }

  "fastly_http_body.close"(handle) {
    const answer = this.answers.at(-1);
    if (answer.body === handle && answer.state === "streaming")
      answer.state = "whole";
    return this.close(handle);
  }

  "fastly_http_body.abandon"(handle) {
    this.answers.at(-1).state = "abandoned";
    return this.close(handle);
  }
}

// An answer as {status, fields, body}.
export const response = ({ status, fields, content }) =>
  ({ status, fields, body: Buffer.concat(content.written) });
