#!/usr/bin/env python3
"""Plays the request cases of cases.json against a running server, over raw sockets.

  run_cases.py --write-fixtures DIR              # DIR/root is the document root
  run_cases.py --base http://127.0.0.1:PORT [--only REGEX] [--level must|should|sane]
               [--json FILE] [-v]

For edgestatic itself use `run` beside this file, for other servers `peers`.
A case passes when ANY alternative in expect.any holds.  The first alternative is the
preferred one; the count of preferred outcomes is reported apart.  A case whose
`requires` are not met by the server (say, no ETag) is skipped, not failed.
Ends with 'N passed, N failed'.  Exit status 1 when something failed.
SPDX-License-Identifier: MIT
"""
import argparse, base64, calendar, gzip, hashlib, json, os, re, socket, subprocess, sys
import tempfile, threading, time, zlib
import brotli, zstandard
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit, urljoin

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
LDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
IMF = re.compile(r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (%s) \d{4} \d\d:\d\d:\d\d GMT$" % "|".join(MONS))
TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
ETAG = re.compile(r'^(W/)?"[\x21\x23-\x7e\x80-\xff]*"$')


def imf(t):
    g = time.gmtime(t)
    return "%s, %02d %s %04d %02d:%02d:%02d GMT" % (DAYS[g[6]], g[2], MONS[g[1] - 1], g[0], g[3], g[4], g[5])


def rfc850(t):
    g = time.gmtime(t)
    return "%s, %02d-%s-%02d %02d:%02d:%02d GMT" % (LDAYS[g[6]], g[2], MONS[g[1] - 1], g[0] % 100, g[3], g[4], g[5])


def asctime(t):
    g = time.gmtime(t)
    return "%s %s %2d %02d:%02d:%02d %04d" % (DAYS[g[6]], MONS[g[1] - 1], g[2], g[3], g[4], g[5], g[0])


def parse_date(s):
    if not IMF.match(s or ""):
        return None
    try:
        return calendar.timegm(time.strptime(s, "%a, %d %b %Y %H:%M:%S GMT"))
    except ValueError:
        return None


def load():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.json"), encoding="utf-8") as f:
        return json.load(f)


# ---------------------------------------------------------------- fixtures
def content(spec):
    if "text" in spec:
        return spec["text"].encode("utf-8")
    if "b64" in spec:
        return base64.b64decode(spec["b64"])
    if "repeat" in spec:
        s, n = spec["repeat"]
        return s.encode() * n
    if "map" in spec:
        f, a, b = spec["map"]
        return "".join(f % i for i in range(a, b + 1)).encode()
    if "cycle" in spec:
        s, n = spec["cycle"]
        return (s.encode() * (n // len(s) + 1))[:n]
    if "lcg" in spec:
        x, n = spec["lcg"]
        out = bytearray()
        for _ in range(n):
            x = (1103515245 * x + 12345) & 0x7FFFFFFF
            out.append((x >> 16) & 0xFF)
        return bytes(out)
    raise ValueError(spec)


def write_fixtures(doc, d):
    for name, f in doc["fixtures"].items():
        p = os.path.join(d, *f["path"].split("/"))
        os.makedirs(os.path.dirname(p), exist_ok=True)
        with open(p, "wb") as h:
            h.write(content(f["content"]))
        os.utime(p, (f["mtime"], f["mtime"]))
    # directories last, so that their mtimes do not move
    for base, dirs, _ in os.walk(d, topdown=False):
        os.utime(base, (1403716338, 1403716338))
    print("wrote %d files; the document root is %s" % (len(doc["fixtures"]), os.path.join(d, "root")))


# ---------------------------------------------------------------- wire
class Resp:
    def __init__(self):
        self.version = ""; self.status = 0; self.reason = ""; self.head = b""
        self.headers = []; self.body = b""; self.problems = []; self.method = "GET"
        self.complete = False; self.interim = []

    def all(self, n):
        return [v for k, v in self.headers if k.lower() == n.lower()]

    def get(self, n):
        v = self.all(n)
        return ", ".join(v) if v else None


class Conn:
    """one TCP connection; keeps whatever was received, even after a reset"""
    def __init__(self, host, port, timeout):
        self.s = socket.create_connection((host, port), timeout=timeout)
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buf = b""; self.eof = False; self.reset = False; self.timeout = timeout

    def send(self, data):
        try:
            self.s.sendall(data)
        except OSError:
            self.reset = True

    def fill(self, deadline):
        if self.eof:
            return False
        left = deadline - time.time()
        if left <= 0:
            return False
        self.s.settimeout(left)
        try:
            d = self.s.recv(65536)
        except (socket.timeout, TimeoutError):
            return False
        except OSError:
            self.eof = True; self.reset = True
            return False
        if not d:
            self.eof = True
            return False
        self.buf += d
        return True

    def take(self, n, deadline):
        while len(self.buf) < n and self.fill(deadline):
            pass
        d, self.buf = self.buf[:n], self.buf[n:]
        return d

    def until(self, pat, deadline):
        while pat not in self.buf:
            if not self.fill(deadline):
                return None
        i = self.buf.index(pat) + len(pat)
        d, self.buf = self.buf[:i], self.buf[i:]
        return d

    def close(self):
        try:
            self.s.close()
        except OSError:
            pass


def read_response(c, method, timeout):
    dl = time.time() + timeout
    interim = []
    while True:
        r = Resp(); r.method = method
        head = c.until(b"\r\n\r\n", dl)
        if head is None:
            if c.buf:
                r.problems.append("bytes that are no complete response head: %r" % c.buf[:60])
                r.head = c.buf
            return None if not c.buf else r
        r.head = head
        lines = head[:-4].split(b"\r\n")
        m = re.match(rb"^HTTP/(\d)\.(\d) (\d{3})(?: (.*))?$", lines[0], re.S)
        if not m:
            r.problems.append("bad status line %r" % lines[0][:60])
            return r
        r.version = "%s.%s" % (m.group(1).decode(), m.group(2).decode())
        r.status = int(m.group(3)); r.reason = (m.group(4) or b"").decode("latin-1")
        for ln in lines[1:]:
            t = ln.decode("latin-1")
            if t[:1] in " \t":
                r.problems.append("obs-fold in response: %r" % t[:60]); continue
            k, sep, v = t.partition(":")
            if not sep or not re.match("^" + TOKEN + "$", k):
                r.problems.append("bad field line: %r" % t[:60]); continue
            if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", v):
                r.problems.append("control character in field value: %r" % t[:60])
            r.headers.append((k, v.strip(" \t")))
        if 100 <= r.status < 200 and r.status != 101:
            interim.append(r); continue
        break
    r.interim = interim
    te, cl = r.get("transfer-encoding"), r.all("content-length")
    if method == "HEAD" or r.status in (204, 304) or r.status == 101:
        r.complete = True
        return r
    if te is not None:
        if te.lower() != "chunked":
            r.problems.append("transfer-encoding %r" % te)
        body = b""
        while True:
            ln = c.until(b"\r\n", dl)
            if ln is None:
                r.problems.append("chunked body cut short"); break
            mm = re.match(rb"^([0-9A-Fa-f]+)(;.*)?\r\n$", ln)
            if not mm:
                r.problems.append("bad chunk size line %r" % ln[:40]); break
            n = int(mm.group(1), 16)
            if n == 0:
                while True:
                    t = c.until(b"\r\n", dl)
                    if t is None or t == b"\r\n":
                        break
                r.complete = True
                break
            body += c.take(n, dl)
            if c.take(2, dl) != b"\r\n":
                r.problems.append("chunk without CRLF"); break
        r.body = body
        return r
    if cl:
        if len(set(cl)) != 1 or not re.match(r"^\d+$", cl[0]):
            r.problems.append("bad Content-Length %r" % cl)
            return r
        n = int(cl[0])
        r.body = c.take(n, dl)
        if len(r.body) != n:
            r.problems.append("Content-Length %d but %d bytes of body" % (n, len(r.body)))
        else:
            r.complete = True
        return r
    while c.fill(dl):
        pass
    r.body, c.buf = c.buf, b""
    r.complete = c.eof
    if not c.eof:
        r.problems.append("body without length on a connection that stays open")
    return r


class Exchange:
    def __init__(self):
        self.responses = []; self.closed = False; self.leftover = b""; self.raw_request = b""; self.reset = False


def exchange(ctx, raw, methods, want_close_check=True, linger=None, half_close=False, delay_parts=None):
    ex = Exchange(); ex.raw_request = raw
    c = Conn(ctx.host, ctx.port, ctx.timeout)
    try:
        if delay_parts:
            for i, p in enumerate(delay_parts):
                if i:
                    time.sleep(0.12)
                c.send(p)
        else:
            c.send(raw)
        if half_close:
            try:
                c.s.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        # one response for each method named; what the server answers beyond that counts too
        for m in methods:
            r = read_response(c, m, ctx.timeout)
            if r is None:
                break
            ex.responses.append(r)
            if r.status == 0:
                break
        # anything further? (body after HEAD/304, answers to smuggled requests, the close)
        end = time.time() + (ctx.linger if linger is None else linger)
        while not c.eof and c.fill(end):
            pass
        ex.leftover = c.buf
        ex.closed = c.eof
        ex.reset = c.reset
    finally:
        c.close()
    return ex


# ---------------------------------------------------------------- decoding
def undelta(body, coding, held):
    """held: bytes that a client may have, by their SHA-256"""
    magic = {"dcb": b"\xff\x44\x43\x42", "dcz": b"\x5e\x2a\x4d\x18\x20\0\0\0"}[coding]
    head = len(magic) + 32
    if not body.startswith(magic) or body[len(magic):head] not in held:
        raise ValueError("no %s of a dictionary that was offered" % coding)
    dictionary = held[body[len(magic):head]]
    if coding == "dcz":
        raw = zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        return zstandard.ZstdDecompressor(dict_data=raw).decompressobj().decompress(body[head:])
    # brotli's Python module takes no dictionary; its command does from 1.1 on
    with tempfile.NamedTemporaryFile() as d, tempfile.NamedTemporaryFile() as b:
        d.write(dictionary); d.flush(); b.write(body[head:]); b.flush()
        return subprocess.run(["brotli", "-d", "-c", "-D", d.name, b.name], check=True, stdout=subprocess.PIPE).stdout


def decode(body, ce, held):
    for coding in [x.strip().lower() for x in reversed((ce or "").split(",")) if x.strip()]:
        if coding in ("gzip", "x-gzip"):
            body = gzip.decompress(body)
        elif coding == "deflate":
            body = zlib.decompress(body)
        elif coding == "br":
            body = brotli.decompress(body)
        elif coding == "zstd":
            body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
        elif coding in ("dcb", "dcz"):
            body = undelta(body, coding, held)
        elif coding == "identity":
            pass
        else:
            raise ValueError("unknown coding %r" % coding)
    return body


def parse_multipart(ct, body):
    """-> list of (headers dict lower-case, bytes).  Uses Content-Range to cut each part."""
    m = re.search(r'boundary=(?:"([^"]+)"|([^;\s]+))', ct, re.I)
    if not m:
        raise ValueError("multipart/byteranges without boundary")
    b = (m.group(1) or m.group(2)).encode("latin-1")
    if len(b) > 70:
        raise ValueError("boundary longer than 70 characters (RFC 2046 5.1.1)")
    pos = body.find(b"--" + b)
    if pos < 0:
        raise ValueError("no opening boundary")
    parts = []
    while True:
        if body[pos:pos + 2 + len(b)] != b"--" + b:
            raise ValueError("boundary expected at %d, got %r" % (pos, body[pos:pos + 30]))
        pos += 2 + len(b)
        if body[pos:pos + 2] == b"--":
            return parts
        if body[pos:pos + 2] != b"\r\n":
            raise ValueError("no CRLF after boundary")
        pos += 2
        e = body.find(b"\r\n\r\n", pos - 2)
        if e < 0:
            raise ValueError("no end of part headers")
        h = {}
        for ln in body[pos:e].split(b"\r\n"):
            if ln:
                k, _, v = ln.decode("latin-1").partition(":")
                h[k.strip().lower()] = v.strip()
        pos = e + 4
        m = re.match(r"^bytes (\d+)-(\d+)/(\d+|\*)$", h.get("content-range", ""))
        if not m:
            raise ValueError("part without good Content-Range: %r" % h)
        n = int(m.group(2)) - int(m.group(1)) + 1
        parts.append((h, body[pos:pos + n]))
        pos += n
        if body[pos:pos + 2] != b"\r\n":
            raise ValueError("no CRLF after part body")
        pos += 2


# ---------------------------------------------------------------- evaluation
class Fail(Exception):
    pass


class Ctx:
    def __init__(self, doc, base, timeout, linger):
        u = urlsplit(base)
        self.host, self.port = u.hostname, u.port or 80
        self.base = "http://%s:%d" % (self.host, self.port)
        self.hosthdr = "%s:%d" % (self.host, self.port)
        self.doc = doc; self.timeout = timeout; self.linger = linger
        self.data = {n: content(f["content"]) for n, f in doc["fixtures"].items()}
        self.lock = threading.Lock(); self.seen = []


def subst(s, ctx, primes):
    def rep(m):
        e = m.group(1)
        if e == "host":
            return ctx.hosthdr
        if e == "hostname":
            return ctx.host
        if e == "port":
            return str(ctx.port)
        if e.startswith("sha256:"):
            name, _, op = e[7:].partition(":")
            v = ":%s:" % base64.b64encode(hashlib.sha256(ctx.data[name]).digest()).decode()
            return {"": v, "lower": v.lower(), "bare": v.strip(":")}[op]
        if e.startswith("now:"):
            return imf(time.time() + int(e[4:]))
        mm = re.match(r"^(?:(\d)\.)?(etag|lm)(?::(.*))?$", e)
        if not mm:
            raise ValueError("template " + e)
        r = primes[int(mm.group(1) or 0)]
        op = mm.group(3)
        if mm.group(2) == "etag":
            v = r.get("etag")
            op_ = v[2:] if v.startswith("W/") else v
            return {None: v, "weak": "W/" + op_, "opaque": op_, "lowerw": "w/" + op_, "unquoted": op_.strip('"'),
                    "cut": op_[:-1], "altered": '"0' + op_[1:]}[op]
        t = parse_date(r.get("last-modified"))
        if op is None:
            return imf(t)
        if op == "rfc850":
            return rfc850(t)
        if op == "asctime":
            return asctime(t)
        return imf(t + int(op))
    return re.sub(r"\$\{([^}]+)\}", rep, s)


def build(req, ctx, primes):
    if "raw" in req:
        return subst(req["raw"], ctx, primes).encode("latin-1"), req.get("methods", ["GET"])
    h = [[k, subst(v, ctx, primes)] for k, v in req.get("headers", [])]
    names = [k.lower() for k, _ in h]
    lines = ["%s %s HTTP/%s" % (req.get("method", "GET"), req["path"], req.get("version", "1.1"))]
    if "host" not in names and not req.get("no_host"):
        lines.append("Host: " + ctx.hosthdr)
    lines += ["%s: %s" % (k, v) for k, v in h]
    if "connection" not in names and not req.get("no_connection"):
        lines.append("Connection: close")
    body = req.get("body", "")
    return ("\r\n".join(lines) + "\r\n\r\n" + subst(body, ctx, primes)).encode("latin-1"), [req.get("method", "GET")]


def status_ok(st, allowed):
    for a in allowed:
        if a == st or (isinstance(a, str) and re.match(r"^\dxx$", a) and st // 100 == int(a[0])):
            return True
    return False


def check_header(r, a, ctx, primes, url):
    name, op = a[0], a[1]
    val = a[2] if len(a) > 2 else None
    if isinstance(val, str):
        val = subst(val, ctx, primes)
    got = r.get(name)
    f = lambda why: Fail("%s %s: got %r" % (name, why, got))
    if op == "present":
        if got is None: raise f("must be present")
    elif op == "absent":
        if got is not None: raise f("must be absent")
    elif op == "equals":
        if got != val: raise f("!= %r" % val)
    elif op == "equals_or_absent":
        if got is not None and got != val: raise f("neither absent nor %r" % val)
    elif op == "one_of":
        if got not in val: raise f("not one of %r" % val)
    elif op == "regex":
        if got is None or not re.search(val, got): raise f("does not match %r" % val)
    elif op == "not_regex":
        if got is not None and re.search(val, got): raise f("matches %r" % val)
    elif op == "ct":
        mt = (got or "").split(";")[0].strip().lower()
        if mt not in val: raise f("media type not one of %r" % val)
    elif op == "token":
        if val.lower() not in [x.strip().lower() for x in (got or "").split(",")]: raise f("lacks token %r" % val)
    elif op == "no_token":
        if val.lower() in [x.strip().lower() for x in (got or "").split(",")]: raise f("has token %r" % val)
    elif op == "same":            # same as in prime k, when prime k had it
        p = primes[int(val or 0)].get(name)
        if p is not None and got != p: raise f("should be %r as in the first response" % p)
    elif op == "same_exact":
        p = primes[int(val or 0)].get(name)
        if got != p: raise f("should be %r as in the first response" % p)
    elif op == "strong_differs":  # strong tags of different codings must differ
        p = primes[int(val or 0)]
        if got and p.get("etag") and got == p.get("etag") and not got.startswith("W/") \
           and (r.get("content-encoding") or "") != (p.get("content-encoding") or ""):
            raise f("is the strong tag of another coding too")
    elif op == "location_path":
        if got is None: raise f("must be present")
        u = urlsplit(urljoin(url, got))
        pq = u.path + ("?" + u.query if u.query else "")
        if u.hostname not in (ctx.host, "localhost") or pq not in (val if isinstance(val, list) else [val]):
            raise f("does not lead to %r on this host" % (val,))
    elif op == "date_not_future":
        t, d = parse_date(got), parse_date(r.get("date"))
        if got is not None and (t is None or t > (d if d is not None else time.time()) + 1):
            raise f("later than Date")
    elif op == "vary_if_coded":
        if r.get("content-encoding") and "accept-encoding" not in [x.strip().lower() for x in (r.get("vary") or "").split(",")] and r.get("vary") != "*":
            raise Fail("Content-Encoding %r but Vary %r" % (r.get("content-encoding"), r.get("vary")))
    elif op == "vary_if_negotiated":  # prime 0 = identity, this one may be coded: Vary on both
        p = primes[int(val or 0)]
        if (r.get("content-encoding") or "") != (p.get("content-encoding") or ""):
            for w, x in (("this", r), ("the identity", p)):
                toks = [t.strip().lower() for t in (x.get("vary") or "").split(",")]
                if "accept-encoding" not in toks and "*" not in toks:
                    raise Fail("codings differ by Accept-Encoding, yet %s response has Vary %r" % (w, x.get("vary")))
    elif op == "coding":
        ce = [x.strip().lower() for x in (got or "identity").split(",")]
        for x in ce:
            if x not in val: raise f("not among the acceptable %r" % val)
    else:
        raise ValueError("header op " + op)


def check_digest(r, primes):
    algs = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
    for name in ("repr-digest", "content-digest"):
        v = r.get(name)
        if v is None:
            continue
        for item in v.split(","):
            k, _, b = item.strip().partition("=")
            if not re.match(r"^:[A-Za-z0-9+/]*={0,2}:$", b):
                raise Fail("%s: not a byte sequence: %r" % (name, item))
            if k in algs:
                if name == "repr-digest":
                    data = primes[0].body if primes else r.body
                elif r.method == "HEAD":
                    continue
                else:
                    data = r.body
                if base64.b64decode(b[1:-1]) != algs[k](data).digest():
                    raise Fail("%s %s is wrong" % (name, k))


def check_body(r, b, ctx, primes):
    op, v = next(iter(b.items()))
    body = r.body
    if op == "file":
        if body != ctx.data[v]: raise Fail("body is not %s (%d bytes, want %d)" % (v, len(body), len(ctx.data[v])))
    elif op == "slice":
        n, x, y = v
        if body != ctx.data[n][x:y + 1]: raise Fail("body is not %s[%d-%d]: %r" % (n, x, y, body[:60]))
    elif op == "empty":
        if body: raise Fail("body should be empty: %r" % body[:60])
    elif op == "contains":
        if subst(v, ctx, primes).encode("latin-1") not in body: raise Fail("body lacks %r" % v)
    elif op == "not_contains":
        if v.encode("latin-1") in body: raise Fail("body contains %r" % v)
    elif op == "not_file":
        if body == ctx.data[v]: raise Fail("body is %s" % v)
    elif op == "same_as_prime":
        if body != primes[v].body: raise Fail("body differs from the first response")
    elif op == "prime_slice":
        k, x, y = v
        full = primes[k].body
        m = re.match(r"^bytes (\d+)-(\d+)/(\d+)$", r.get("content-range") or "")
        if not m or int(m.group(3)) != len(full):
            raise Fail("Content-Range %r, representation has %d bytes" % (r.get("content-range"), len(full)))
        if body != full[x:y + 1]: raise Fail("not octets %d-%d of the selected representation" % (x, y))
    elif op == "decoded_file":
        try:
            d = decode(body, r.get("content-encoding"), {hashlib.sha256(b).digest(): b for b in ctx.data.values()})
        except Exception as e:
            raise Fail("cannot decode %r: %s" % (r.get("content-encoding"), e))
        if d != ctx.data[v]:
            raise Fail("decoded body is not %s" % v)
    elif op == "ranges":
        full = ctx.data[v["file"]]
        ct = r.get("content-type") or ""
        got = []
        if ct.lower().startswith("multipart/byteranges"):
            if r.get("content-range") is not None:
                raise Fail("Content-Range in the header section of a multipart 206")
            if v.get("single"):
                raise Fail("multipart answer to a single-range request")
            try:
                parts = parse_multipart(ct, body)
            except ValueError as e:
                raise Fail(str(e))
            for h, pb in parts:
                m = re.match(r"^bytes (\d+)-(\d+)/(\d+|\*)$", h["content-range"])
                got.append((int(m.group(1)), int(m.group(2)), m.group(3), pb))
        else:
            m = re.match(r"^bytes (\d+)-(\d+)/(\d+|\*)$", r.get("content-range") or "")
            if not m: raise Fail("206 with Content-Range %r" % r.get("content-range"))
            got.append((int(m.group(1)), int(m.group(2)), m.group(3), body))
        for a, z, tot, pb in got:
            if a > z or z >= len(full): raise Fail("impossible Content-Range %d-%d/%s of %d" % (a, z, tot, len(full)))
            if tot not in ("*", str(len(full))): raise Fail("complete-length %s, is %d" % (tot, len(full)))
            if pb != full[a:z + 1]: raise Fail("octets of part %d-%d are wrong" % (a, z))
        if v.get("cover"):
            for a, z in v["want"]:
                have = a
                for x, y, _, _ in sorted(got):
                    if x <= have <= y + 1:
                        have = max(have, y + 1)
                if have <= z: raise Fail("range %d-%d not covered by %r" % (a, z, [g[:2] for g in got]))
            if v.get("exact") and [list(g[:2]) for g in got] != v["want"]:
                raise Fail("ranges %r, want %r" % ([g[:2] for g in got], v["want"]))
    else:
        raise ValueError("body op " + op)


def check_alt(alt, ex, ctx, primes, url):
    resp = ex.responses
    if alt.get("status") == ["none"]:
        if resp: raise Fail("status %s, want no response" % [r.status for r in resp])
    elif not resp:
        if "close" in alt.get("status", []) and (ex.closed or ex.reset):
            pass
        elif "timeout" in alt.get("status", []) and not ex.closed:
            pass
        else:
            raise Fail("no response (%s)" % ("closed" if ex.closed else "timeout"))
    else:
        r = resp[0]
        if "status" in alt and not status_ok(r.status, alt["status"]):
            raise Fail("status %s, want %s%s" % (r.status, alt["status"], (" " + "; ".join(r.problems)) if r.problems else ""))
        if r.problems and not alt.get("lax_framing"):
            raise Fail("; ".join(r.problems))
        if "version" in alt and r.version not in alt["version"]:
            raise Fail("HTTP/%s" % r.version)
        for a in alt.get("headers", []):
            check_header(r, a, ctx, primes, url)
        bodies = alt.get("body", [])
        for b in ([bodies] if isinstance(bodies, dict) else bodies):
            check_body(r, b, ctx, primes)
        if alt.get("digest"):
            check_digest(r, primes)
        if "interim" in alt:
            st = [i.status for i in r.interim]
            if alt["interim"] == "none" and st: raise Fail("interim %s" % st)
            if alt["interim"] == "100" and 100 not in st: raise Fail("no 100 (Continue)")
    cn = alt.get("conn", {})
    if "responses" in cn and len(resp) != cn["responses"]:
        raise Fail("%d responses, want %d (statuses %s, rest %r)" % (len(resp), cn["responses"], [r.status for r in resp], ex.leftover[:40]))
    for i, sub in enumerate(cn.get("also", []), 1):
        if len(resp) <= i: raise Fail("response %d is missing (closed=%s)" % (i + 1, ex.closed))
        r = resp[i]
        if not status_ok(r.status, sub["status"]): raise Fail("response %d: status %s, want %s" % (i + 1, r.status, sub["status"]))
        if r.problems: raise Fail("response %d: %s" % (i + 1, "; ".join(r.problems)))
        if "body" in sub: check_body(r, sub["body"], ctx, primes)
    if cn.get("closed") is True and not ex.closed:
        raise Fail("connection stays open")
    if cn.get("closed") is False and ex.closed:
        raise Fail("connection was closed")
    if "never" in cn:
        blob = b"".join(r.head + r.body for r in resp) + ex.leftover
        if cn["never"].encode("latin-1") in blob:
            raise Fail("%r was served: the body was taken for a request" % cn["never"])
    if cn.get("no_leftover", True) and ex.leftover:
        raise Fail("%d bytes after the last response: %r" % (len(ex.leftover), ex.leftover[:50]))


def met(reqs, primes):
    for q in reqs:
        k, _, q2 = q.partition(".")
        r = primes[int(k)] if k.isdigit() else primes[0]
        q = q2 if k.isdigit() else q
        e = r.get("etag")
        ok = {"etag": bool(e and ETAG.match(e)), "strong_etag": bool(e and ETAG.match(e) and not e.startswith("W/")),
              "weak_etag": bool(e and e.startswith("W/")), "lm": parse_date(r.get("last-modified")) is not None,
              "delta": r.get("content-encoding") in ("dcb", "dcz"), "coded": bool(r.get("content-encoding")), "200": r.status == 200,
              "ranges": "bytes" in (r.get("accept-ranges") or ""), "no_lm": r.get("last-modified") is None}[q]
        if not ok:
            return q
    return None


def run_case(case, ctx):
    primes = []
    try:
        for p in case.get("prime", []):
            raw, ms = build(p, ctx, primes)
            ex = exchange(ctx, raw, ms)
            if not ex.responses:
                return "fail", "first request got no response", -1
            note(ctx, case, p, ex)
            primes.append(ex.responses[0])
        miss = met(case.get("requires", []), primes)
        if miss:
            return "skip", "needs %s" % miss, -1
        q = case["request"]
        raw, ms = build(q, ctx, primes)
        parts = None
        if "parts" in q:
            parts = [subst(x, ctx, primes).encode("latin-1") for x in q["parts"]]
            raw = b"".join(parts)
        ex = exchange(ctx, raw, ms, linger=q.get("linger"), half_close=q.get("half_close", False), delay_parts=parts)
        note(ctx, case, q, ex)
        url = ctx.base + (q.get("path") or "/")
        whys = []
        for i, alt in enumerate(case["expect"]["any"]):
            try:
                check_alt(alt, ex, ctx, primes, url)
                return "pass", "", i
            except Fail as e:
                whys.append(str(e))
        uniq = list(dict.fromkeys(whys))
        return "fail", " | ".join(uniq), -1
    except OSError as e:
        return "fail", "socket: %s" % e, -1


def note(ctx, case, q, ex):
    with ctx.lock:
        for r in ex.responses:
            ctx.seen.append((case["id"], q, r, ex))


# ------------------------------------------------ invariants over all traffic (kind=invariant)
def inv(name, cid, q, r, ex):
    """-> None when fine or not applicable, else the complaint"""
    st, g = r.status, r.get
    hdrs10 = "HTTP/1.0" in ex.raw_request[:4000].decode("latin-1").split("\r\n")[0]
    if st == 0:
        return None
    if name == "date":
        if 200 <= st < 500 and not IMF.match(g("date") or ""): return "Date %r on %d" % (g("date"), st)
    elif name == "head-304-no-body":
        if (r.method == "HEAD" or st in (304, 204)) and ex.responses and ex.responses[-1] is r and ex.leftover:
            return "%d bytes of content after a %s %d" % (len(ex.leftover), r.method, st)
    elif name == "cl-te":
        if g("content-length") is not None and g("transfer-encoding") is not None: return "both Content-Length and Transfer-Encoding"
    elif name == "cl-grammar":
        if g("content-length") is not None and not re.match(r"^\d+$", g("content-length")): return "Content-Length %r" % g("content-length")
    elif name == "no-cl-204":
        if (st == 204 or st < 200) and (g("content-length") is not None or g("transfer-encoding")): return "framing field on %d" % st
    elif name == "te-http10":
        if hdrs10 and g("transfer-encoding"): return "Transfer-Encoding to an HTTP/1.0 request"
    elif name == "206-content-range":
        if st == 206:
            mp = (g("content-type") or "").lower().startswith("multipart/byteranges")
            if mp and g("content-range"): return "multipart 206 with Content-Range"
            if not mp and not re.match(r"^bytes (\d+)-(\d+)/(\d+|\*)$", g("content-range") or ""): return "206 with Content-Range %r" % g("content-range")
    elif name == "content-range-sane":
        m = re.match(r"^bytes (\d+)-(\d+)/(\d+|\*)$", g("content-range") or "")
        if m and (int(m.group(1)) > int(m.group(2)) or (m.group(3) != "*" and int(m.group(2)) >= int(m.group(3)))): return "Content-Range %r" % g("content-range")
    elif name == "content-range-only-206-416":
        if g("content-range") and st not in (206, 416): return "Content-Range on %d" % st
    elif name == "416-content-range":
        if st == 416 and not re.match(r"^bytes \*/\d+$", g("content-range") or ""): return "416 with Content-Range %r" % g("content-range")
    elif name == "405-allow":
        if st == 405 and g("allow") is None: return "405 without Allow"
    elif name == "allow-grammar":
        if g("allow") and not re.match(r"^\s*(%s)?(\s*,\s*(%s)?)*\s*$" % (TOKEN, TOKEN), g("allow")): return "Allow %r" % g("allow")
    elif name == "405-allow-truthful":
        m0 = ex.raw_request.lstrip(b"\r\n").split(b" ")[0].decode("latin-1")
        if st == 405 and r is ex.responses[0] and m0 in [x.strip() for x in (g("allow") or "").split(",")]: return "405 to %s, Allow %r" % (m0, g("allow"))
    elif name == "etag-grammar":
        if g("etag") is not None and not ETAG.match(g("etag")): return "ETag %r" % g("etag")
    elif name == "lm-grammar":
        if g("last-modified") is not None and not IMF.match(g("last-modified")): return "Last-Modified %r" % g("last-modified")
    elif name == "lm-not-future":
        t, d = parse_date(g("last-modified")), parse_date(g("date"))
        if t is not None and d is not None and t > d: return "Last-Modified %s later than Date %s" % (g("last-modified"), g("date"))
    elif name == "ct-grammar":
        if g("content-type") is not None and not re.match(r'^%s/%s(\s*;\s*(%s=(%s|"[^"]*"))?)*$' % (TOKEN, TOKEN, TOKEN, TOKEN), g("content-type")): return "Content-Type %r" % g("content-type")
    elif name == "ct-present":
        if st in (200, 206) and r.body and g("content-type") is None: return "content without Content-Type"
    elif name == "vary-grammar":
        if g("vary") is not None and not re.match(r"^(\*|%s)(\s*,\s*(\*|%s))*$" % (TOKEN, TOKEN), g("vary")): return "Vary %r" % g("vary")
    elif name == "accept-ranges-grammar":
        if g("accept-ranges") is not None and not re.match(r"^%s(\s*,\s*%s)*$" % (TOKEN, TOKEN), g("accept-ranges")): return "Accept-Ranges %r" % g("accept-ranges")
    elif name == "singletons":
        for n in ("content-length", "content-type", "date", "etag", "last-modified", "location", "content-range", "age", "expires", "server", "retry-after"):
            if len(r.all(n)) > 1: return "%s occurs %d times" % (n, len(r.all(n)))
    elif name == "redirect-location":
        if st in (301, 302, 303, 307, 308) and not g("location"): return "%d without Location" % st
    elif name == "location-uri":
        if re.search(rb"[\"<>\\^`{|}\x7f-\xff]", ex.raw_request.split(b"\r\n")[0]):
            return None                      # the request-target itself was no URI
        if g("location") and re.search(r"[\x00-\x20\"<>\\^`{|}\x7f-\xff]", g("location")): return "Location %r is no URI reference" % g("location")
    elif name == "framing":
        if r.problems and (r.complete or ex.closed): return "; ".join(r.problems)
    elif name == "version":
        if r.version not in ("1.1", "1.0"): return "HTTP/%s" % r.version
    elif name in ("close-honoured", "close-announced") and (st == 101 or "linger" in q or not (r.complete or ex.closed)):
        return None
    elif name == "close-honoured":
        if re.search(rb"(?im)^connection:[^\r\n]*\bclose\b", ex.raw_request.split(b"\r\n\r\n")[0]) and st and not ex.closed: return "open after Connection: close"
    elif name == "close-announced":
        if re.search(rb"(?im)^connection:[^\r\n]*\bclose\b", ex.raw_request.split(b"\r\n\r\n")[0]) and st and r is ex.responses[-1] and not re.search(r"\bclose\b", g("connection") or "", re.I) and r.version == "1.1": return "no Connection: close in the last response"
    elif name == "304-trim":
        if st == 304 and (g("content-type") or g("content-encoding")): return "304 with %s" % (g("content-type") or g("content-encoding"))
    elif name == "dictionary":
        ce = (g("content-encoding") or "").lower()
        if ce in ("dcb", "dcz"):
            v = [x.strip().lower() for x in (g("vary") or "").split(",")]
            if "available-dictionary" not in v or "accept-encoding" not in v: return "%s without Vary: accept-encoding, available-dictionary" % ce
            magic = b"\xff\x44\x43\x42" if ce == "dcb" else b"\x5e\x2a\x4d\x18\x20\x00\x00\x00"
            if r.method != "HEAD" and st == 200 and not r.body.startswith(magic): return "%s stream without its magic number" % ce
        u = g("use-as-dictionary")
        if u is not None and not re.search(r'(^|,)\s*match="', u): return "Use-As-Dictionary without match: %r" % u
    elif name == "digest-fields":
        for n in ("repr-digest", "content-digest"):
            if g(n) is not None and not re.match(r"^[a-z*][a-z0-9_.*-]*=:[A-Za-z0-9+/=]*:(\s*,\s*[a-z*][a-z0-9_.*-]*=:[A-Za-z0-9+/=]*:)*$", g(n)): return "%s %r" % (n, g(n))
    else:
        raise ValueError("invariant " + name)
    return None


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base")
    ap.add_argument("--write-fixtures", metavar="DIR")
    ap.add_argument("--json", metavar="FILE")
    ap.add_argument("--only", metavar="REGEX")
    ap.add_argument("--level", choices=["must", "should", "sane"], help="only cases of this level")
    ap.add_argument("--timeout", type=float, default=4.0)
    ap.add_argument("--linger", type=float, default=1.2, help="how long to wait for a close or further bytes")
    ap.add_argument("--jobs", type=int, default=6)
    ap.add_argument("-v", action="store_true")
    a = ap.parse_args()
    doc = load()
    if a.write_fixtures:
        write_fixtures(doc, a.write_fixtures)
    if not a.base:
        if a.write_fixtures:
            return 0
        ap.error("--base is needed")
    ctx = Ctx(doc, a.base, a.timeout, a.linger)
    cases = [c for c in doc["cases"] if (not a.only or re.search(a.only, c["id"])) and (not a.level or c["level"] == a.level)]
    wire = [c for c in cases if c.get("kind") != "invariant"]
    results = []
    with ThreadPoolExecutor(a.jobs) as ex:
        for c, res in zip(wire, ex.map(lambda c: run_case(c, ctx), wire)):
            results.append((c,) + res)
    for c in cases:
        if c.get("kind") == "invariant":
            bad, n = [], 0
            for cid, q, r, ex_ in ctx.seen:
                n += 1
                w = inv(c["invariant"], cid, q, r, ex_)
                if w:
                    bad.append("%s: %s" % (cid, w))
            if bad:
                kinds = list(dict.fromkeys(b.split(": ", 1)[1] for b in bad))
                results.append((c, "fail", "%d of %d responses, e.g. %s%s" % (len(bad), n, "; ".join(bad[:3]), " …" if len(bad) > 3 else ""), -1))
            else:
                results.append((c, "pass" if n else "skip", "", 0))
    n = {"pass": 0, "fail": 0, "skip": 0}
    lev = {}
    pref = alts = 0
    for c, st, why, i in results:
        n[st] += 1
        lev.setdefault(c["level"], {"pass": 0, "fail": 0, "skip": 0})[st] += 1
        if c.get("kind") != "invariant" and len(c["expect"]["any"]) > 1 and st == "pass":
            alts += 1
            pref += i == 0
        if st == "fail":
            print("FAIL %-7s %-34s %s\n       %s\n       [%s] %s" % (c["level"], c["id"], c.get("note", ""), why, c["rfc"], ", ".join(s["repo"] for s in c["source"])))
        elif a.v:
            print("%s %-7s %-34s %s%s" % (st, c["level"], c["id"], why, " (alternative %d)" % i if i > 0 else ""))
    if a.json:
        json.dump([{"id": c["id"], "level": c["level"], "result": st, "why": why, "alternative": i} for c, st, why, i in results], open(a.json, "w"), indent=0)
    for l in ("must", "should", "sane"):
        if l in lev:
            print("%-6s %d passed, %d failed, %d skipped" % (l, lev[l]["pass"], lev[l]["fail"], lev[l]["skip"]))
    print("preferred answer in %d of the %d passed cases that allow several; %d skipped" % (pref, alts, n["skip"]))
    print("%d passed, %d failed" % (n["pass"], n["fail"]))
    return 1 if n["fail"] else 0


if __name__ == "__main__":
    sys.exit(main())
