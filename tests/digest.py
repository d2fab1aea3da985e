#!/usr/bin/env python3
"""tests/digest.py: Repr-Digest and Content-Digest (RFC 9530) of the real
server, held against SHA-256 of the bytes that came.

Run by `make check' in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import base64, ctypes, ctypes.util, hashlib, http.client, os, struct, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli
import release
from cli import DIFFERENT, OK, Server

CODINGS = ["identity", "gzip", "br", "zstd"]
TEXT = cli.prose(45000)


def digest(body):
    return "sha-256=:%s:" % base64.b64encode(
        hashlib.sha256(body).digest()).decode()


class Digests(release.Store):
    ASKED = {"Want_Repr_Digest": "sha-256=5",
             "Want_Content_Digest": "sha-256=1"}
    MORE = {"page__html": "<!doctype html><p>" + TEXT, "empty__txt": "",
            "_redirects": "/rewritten /page.html 200\n/gone / 301\n"}

    def serve(self, source, *args):
        server = Server(self.scratch, source, *args)
        self.addCleanup(server.__exit__)
        return server

    def pack_of(self, *args):
        out = os.path.join(self.top, "one.edgepack")
        self.expect(OK, "build", self.source("one", **self.MORE), "-o", out,
                    "-q", "--no-cache", *args)
        return out

    def ask(self, server, target, method="GET", coding="identity", **fields):
        """(status, fields, body)"""
        c = http.client.HTTPConnection("127.0.0.1", server.port,
                                       timeout=cli.PATIENCE)
        c.request(method, target, headers={
            "Accept-Encoding": coding,
            **{k.replace("_", "-"): v for k, v in fields.items()}})
        r = c.getresponse()
        body = r.read()
        c.close()
        return r.status, r.headers, body

    def has(self, fields, repr_digest, content_digest=None):
        for name, value in (("Repr-Digest", repr_digest),
                            ("Content-Digest", content_digest)):
            self.assertEqual(fields.get_all(name), value and [value], name)

    def every_answer(self, server, asked, always):
        """asked: the fields that ask; always: --repr-digest."""
        codings = set()
        content = digest if asked else lambda body: None
        for target in "/", "/a.txt", "/page", "/rewritten", "/empty.txt":
            for coding in CODINGS:
                status, fields, body = self.ask(server, target, coding=coding,
                                                **asked)
                self.assertEqual(status, 200)
                if target == "/page":
                    codings.add(fields.get("Content-Encoding", "identity"))
                self.has(fields, digest(body), content(body))
                # Of what a GET would send; there is no content.
                status, head, none = self.ask(server, target, "HEAD",
                                              coding=coding, **asked)
                self.assertEqual((status, none), (200, b""))
                self.has(head, digest(body))
                # Of the whole, in its coding; the content is a part of it.
                for part in ("bytes=1-7", "bytes=1-7,9-12", "bytes=-20"):
                    if len(body) < 20:
                        continue
                    status, some, got = self.ask(server, target, coding=coding,
                                                 Range=part, **asked)
                    self.assertEqual(status, 206)
                    self.assertNotEqual(got, body)
                    self.has(some, digest(body))
                if body:
                    status, all_, got = self.ask(server, target, coding=coding,
                                                 Range="bytes=0-", **asked)
                    self.assertEqual((status, got), (206, body))
                    self.has(all_, digest(body), content(body))
                status, fresh, _ = self.ask(server, target, coding=coding,
                                            If_None_Match=fields["ETag"],
                                            **asked)
                self.assertEqual(status, 304)
                self.has(fresh, None)
        for target, status in (("/gone", 301), ("/page.html", 308)):
            got, fields, _ = self.ask(server, target, **asked)
            self.assertEqual(got, status)
            self.has(fields, None)
        got, fields, body = self.ask(server, "/no-such", **asked)
        self.assertEqual((got, body), (404, b"<p>none"))
        self.has(fields, digest(body) if always else None)
        got, fields, _ = self.ask(server, "/a.txt", If_Match='"other"', **asked)
        self.assertEqual(got, 412)
        self.has(fields, None)
        return codings

    def test_digests_on_request(self):
        server = self.serve(self.pack_of())
        self.assertEqual(self.every_answer(server, self.ASKED, False),
                         set(CODINGS))
        for value in ("sha-256=0", "sha-256=11", "sha-512=3", "sha-256=1.5",
                      "sha-256", "sha-256=1,,", "SHA-256=1", ""):
            _, fields, _ = self.ask(server, "/a.txt", Want_Repr_Digest=value)
            self.has(fields, None)
        _, fields, body = self.ask(server, "/a.txt")
        self.has(fields, None)
        # It changes no representation.
        for asking in self.ASKED, {}:
            _, fields, _ = self.ask(server, "/page", **asking)
            self.assertEqual(fields.get_all("Vary"), ["Accept-Encoding"])

    def test_digests_with_every_representation(self):
        server = self.serve(self.pack_of("--repr-digest"))
        self.every_answer(server, {}, True)
        # Never twice.
        self.every_answer(server, self.ASKED, True)

    def test_explain_says_who_set_it(self):
        self.expect(OK, "explain", self.pack_of("--repr-digest"), "/a.txt",
                    says="Repr-Digest +--repr-digest +sha-256=:")
        self.expect(OK, "explain", self.pack_of(), "/a.txt", "-H",
                    "Want-Repr-Digest: sha-256=1",
                    says="Repr-Digest +asked for +sha-256=:")

    def test_they_survive_in_a_store(self):
        for text in "one", "two", "three":  # --fast: without zstd
            self.release(text, **self.MORE)
        self.expect(OK, "gc", self.store)
        self.verify_all()
        server = self.serve(self.store)
        self.every_answer(server, self.ASKED, False)
        self.assertEqual(self.ask(server, "/a.txt")[2], b"three")
        self.expect(OK, "rollback", self.store)
        self.every_answer(self.serve(self.store), self.ASKED, False)

    def test_a_delta_has_its_own(self):
        script = ["var n%d = %d;" % (i, i * i) for i in range(900)]
        first = "\n".join(script)
        second = "\n".join(script[450:] + script[:450])
        old, new = (os.path.join(self.top, n) for n in ("old", "new"))
        cache = os.path.join(self.top, "cache")
        self.expect(OK, "build", self.source("one", app__js=first), "-o", old,
                    "-q", "--cache", cache)
        site = self.source("one", app__js=second)
        held = base64.b64encode(hashlib.sha256(first.encode()).digest())
        fields = {"Available_Dictionary": ":%s:" % held.decode(),
                  "coding": "br, dcz"}
        for repr_digest in [], ["--repr-digest"], ["--repr-digest"]:
            self.expect(OK, "build", site, "-o", new, "-q", "--cache", cache,
                        "--previous", old, *repr_digest)
            self.expect(OK, "verify", "-q", new)
            asked = {} if repr_digest else self.ASKED
            server = self.serve(new)
            status, got, body = self.ask(server, "/app.js", **fields, **asked)
            self.assertEqual((status, got["Content-Encoding"]), (200, "dcz"))
            self.has(got, digest(body), digest(body) if asked else None)
            status, got, some = self.ask(server, "/app.js", Range="bytes=3-50",
                                         **fields, **asked)
            self.assertEqual((status, some), (206, body[3:51]))
            self.has(got, digest(body))

    def test_a_build_from_the_cache_is_the_same(self):
        site = self.source("one", **self.MORE)
        packs = []
        for name in "cold", "warm":
            out = os.path.join(self.top, name)
            self.expect(OK, "build", site, "-o", out, "-q", "--cache",
                        os.path.join(self.top, "cache"))
            self.expect(OK, "verify", "-q", out)
            packs.append(self.read(out))
        self.assertEqual(*packs)

    def test_verify_names_what_has_another_digest(self):
        xxhash = ctypes.CDLL(ctypes.util.find_library("xxhash"))
        xxhash.XXH3_64bits.restype = ctypes.c_uint64
        pack = bytearray(self.read(self.pack_of()))
        at = pack.index(hashlib.sha256(b"one").digest())
        pack[at] ^= 1
        size, = struct.unpack_from("<Q", pack, 16)
        # The checksum is of what follows it.
        struct.pack_into("<Q", pack, 32, xxhash.XXH3_64bits(
            bytes(pack[40:size]), ctypes.c_size_t(size - 40)))
        name = self.put(bytes(pack), self.top, "forged.edgepack")
        r = self.expect(DIFFERENT, "verify", name)
        self.assertEqual(r.out, b"/a.txt: identity has other bytes than its "
                         b"SHA-256 says\n")


if __name__ == "__main__":
    sys.exit(cli.main(sys.modules[__name__]))
