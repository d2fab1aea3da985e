// edgestatic.mjs - a pack in JavaScript: one shim for every host.
//
// Uses nothing but the language and WebAssembly.  The guest (workers.wasm)
// rules on requests; this file carries them there and its answers back.  Only
// the index of the pack is copied into the guest's memory.  Bodies are views
// of the pack, never copies: keep its bytes unchanged.
//
// Field values, methods and targets are strings of bytes, a character from
// U+0000 to U+00FF each, as in Fetch's Headers and in Node.
//
// SPDX-License-Identifier: MIT

// What is here agreed upon with workers.c, which tells its number.
const ABI = 2;
const METHOD = 0, TARGET = 1, FIELDS = 2; // in the lengths of a request
const ABSENT = 0xffffffff;
const TLS = 1; // flags of a request
const NOT_FOUND = 1, HEAD = 2; // flags of an answer
// Members of a record, in 32-bit words; the last one in 64-bit words.
const STATUS = 0, FLAGS = 1, ID = 2, LINES = 3, LINE = 4, PARTS = 5, PART = 6;
const CONTENT_LENGTH = 4;

// Answers that are kept for the next request like theirs: some 2 KB each, so
// that they stay below a tenth of the 128 MB that an isolate may have.
const KEPT_MAX = 4096;

// No engine takes fewer arguments of a call.
const ARGUMENTS = 4096;

function fail(message, cause) {
  return new Error(`edgestatic: ${message}`, cause && { cause });
}

function instantiate(module) {
  let guest, cause;
  try {
    guest = new WebAssembly.Instance(module, {}).exports;
  } catch (e) {
    cause = e;
  }
  if (typeof guest?.edgestatic_abi !== "function")
    throw fail("this is not the compiled module of workers.wasm", cause);
  if (guest.edgestatic_abi() !== ABI)
    throw fail("workers.wasm and edgestatic.mjs are of different versions: " +
               "publish the site again");
  return guest;
}

function bytesOf(pack) {
  if (ArrayBuffer.isView(pack))
    return new Uint8Array(pack.buffer, pack.byteOffset, pack.byteLength);
  if (pack instanceof ArrayBuffer)
    return new Uint8Array(pack);
  throw fail("the pack has to be an ArrayBuffer or a view of one");
}

// Bytes as characters.  TextDecoder knows no coding that keeps all of them;
// joined one by one they would take ten times the memory.
function text(bytes, at, length) {
  let s = "";
  for (const end = at + length; at < end; at += ARGUMENTS)
    s += String.fromCharCode.apply(
      null, bytes.subarray(at, Math.min(end, at + ARGUMENTS)));
  return s;
}

function cString(memory, at) {
  return text(memory, at, memory.indexOf(0, at) - at);
}

// Copies the index of a pack into the guest, which checks it all.
function load(guest, pack) {
  const check = (code) => {
    if (code < 0)
      throw fail(cString(new Uint8Array(guest.memory.buffer),
                         guest.edgestatic_error_text(code)));
    return code;
  };
  const truncated = (size) =>
    fail(`the pack is truncated: ${pack.length} of ${size} bytes`);

  const head = pack.subarray(0, guest.edgestatic_input_size());
  new Uint8Array(guest.memory.buffer).set(head, guest.edgestatic_input());
  const size = check(guest.edgestatic_index_size(head.length));
  if (size > pack.length)
    throw truncated(`at least ${size}`);
  let pages;
  try {
    pages = guest.memory.grow(Math.ceil(size / 65536));
  } catch (cause) {
    throw fail(`no memory for the pack's index of ${size} bytes`, cause);
  }
  const at = pages * 65536;
  new Uint8Array(guest.memory.buffer).set(pack.subarray(0, size), at);
  check(guest.edgestatic_open(at, size));
  if (guest.edgestatic_pack_size() > pack.length)
    throw truncated(guest.edgestatic_pack_size());
}

/** Opens a pack.  Types and rules are in edgestatic.d.mts. */
export function open(module, packBytes) {
  const guest = instantiate(module);
  const pack = bytesOf(packBytes);
  load(guest, pack);

  // The memory does not grow any more.
  const u8 = new Uint8Array(guest.memory.buffer);
  const u32 = new Uint32Array(guest.memory.buffer);
  const f64 = new Float64Array(guest.memory.buffer);
  const input = guest.edgestatic_input();
  const inputEnd = input + guest.edgestatic_input_size();
  const lengths = guest.edgestatic_lengths() >>> 2;
  const names = [];
  for (let at; (at = guest.edgestatic_field_name(names.length)) !== 0; )
    names.push(cString(u8, at).toLowerCase());

  let used = input;

  // Appends a value to the input.  What is no byte becomes a NUL, which no
  // target and no value may have.  False: there is no room.
  function put(slot, value) {
    const length = value.length;
    if (length > inputEnd - used)
      return false;
    for (let i = 0; i < length; i++) {
      const c = value.charCodeAt(i);
      u8[used + i] = c < 256 ? c : 0;
    }
    used += length;
    u32[lengths + slot] = length;
    return true;
  }

  function refuse(status) {
    return { status, headers: [["Content-Length", "0"]], body: [],
             contentLength: 0, id: 0, found: true, prepared: undefined };
  }

  function read(record, flags) {
    const headers = [];
    let at = u32[record + LINE] >>> 2;
    for (let i = u32[record + LINES]; i > 0; i--, at += 4)
      headers.push([text(u8, u32[at], u32[at + 1]),
                    text(u8, u32[at + 2], u32[at + 3])]);
    const body = [];
    at = u32[record + PART] >>> 3;
    for (let i = u32[record + PARTS]; i > 0; i--, at += 3) {
      const first = f64[at], end = first + f64[at + 1];
      // The guest's own text stands there until the next request only.
      body.push(f64[at + 2] ? u8.slice(first, end) : pack.subarray(first, end));
    }
    return { status: u32[record + STATUS], headers, body,
             contentLength: f64[(record >>> 1) + CONTENT_LENGTH],
             id: u32[record + ID], found: (flags & NOT_FOUND) === 0,
             prepared: undefined };
  }

  const kept = new Map();

  function keep(key, answer) {
    if (kept.size >= KEPT_MAX)
      kept.delete(kept.keys().next().value); // the oldest
    kept.set(key, answer);
    return answer;
  }

  function answer(request) {
    used = input;
    if (!put(METHOD, request.method) || !put(TARGET, request.target))
      return refuse(414); // RFC 9110 section 15.5.15
    for (let i = 0; i < names.length; i++) {
      const value = request.get(names[i]);
      if (value === null || value === undefined)
        u32[lengths + FIELDS + i] = ABSENT;
      else if (!put(FIELDS + i, value))
        return refuse(431); // RFC 6585 section 5
    }
    u32[lengths + FIELDS + names.length] = ABSENT;
    if (request.country)
      put(FIELDS + names.length, request.country);
    const record = guest.edgestatic_answer(request.tls ? TLS : 0) >>> 2;
    const id = u32[record + ID], flags = u32[record + FLAGS];
    if (id === 0)
      return read(record, flags);
    const key = flags & HEAD ? -id : id;
    return kept.get(key) ?? keep(key, read(record, flags));
  }

  return { answer };
}

/** The request target in the URL of a Request, as it stands there. */
export function targetOf(url) {
  const slash = url.indexOf("/", url.indexOf("//") + 2);
  if (slash < 0)
    return "*"; // what workerd makes of `OPTIONS *`
  const hash = url.indexOf("#", slash); // a service worker sees it
  const target = hash < 0 ? url.slice(slash) : url.slice(slash, hash);
  // workerd has decoded what came as UTF-8.
  return target.replace(/[^\0-\x7f\ud800-\udfff]/gu, encodeURIComponent);
}

/** The segments of a body in one: null, the only one itself, or a copy. */
export function whole(answer) {
  const { body } = answer;
  if (body.length <= 1)
    return body[0] ?? null;
  const all = new Uint8Array(answer.contentLength);
  let at = 0;
  for (const segment of body) {
    all.set(segment, at);
    at += segment.length;
  }
  return all;
}
