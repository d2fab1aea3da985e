#!/usr/bin/env python3
"""tests/sitedict.py: build --site-dictionary (RFC 9842), by the real server.

Run by `make check' in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import base64, hashlib, http.client, os, re, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli
import release
from cli import OK, Server

DCZ = b"\x5e\x2a\x4d\x18\x20\0\0\0"
NAME = re.compile(r'</(dictionary\.[0-9a-f]{16}\.dat)>; '
                  r'rel="compression-dictionary"')


def random_words(seed, count):
    digest = hashlib.sha256(seed.encode())
    words = []
    for _ in range(count):
        digest.update(b"x")
        words.append(digest.hexdigest()[:12])
    return " ".join(words)


# What pages begin and end with, and what is their own.
FRAME = "<!doctype html><title>%s</title>" + "".join(
    '<link rel="x-%s" href="/%s">' % (w, w[::-1])
    for w in random_words("frame", 80).split()) + "<main>%s</main>"


def site(pages, seed=""):
    return {"p%02d__html" % i: FRAME % (i, random_words(seed + str(i), 20))
            for i in range(pages)}


class SiteDictionary(release.Store):
    def built(self, name, files, *args):
        out = os.path.join(self.top, name + ".edgepack")
        done = self.expect(OK, "build", self.source(name, **files), "-o", out,
                           "--no-cache", "--fast", *args)
        return out, done

    def ask(self, server, target, **fields):
        c = http.client.HTTPConnection("127.0.0.1", server.port,
                                       timeout=cli.PATIENCE)
        c.request("GET", target, headers={
            k.replace("_", "-"): v for k, v in fields.items()})
        r = c.getresponse()
        body = r.read()
        c.close()
        return r.status, r.headers, body

    def dictionary_of(self, server, page):
        _, fields, _ = self.ask(server, page)
        found = NAME.search(fields.get("Link", ""))
        self.assertIsNotNone(found, fields)
        status, fields, body = self.ask(server, "/" + found[1])
        self.assertEqual(status, 200)
        return found[1], fields, body

    def test_who_holds_the_dictionary_is_sent_pages_by_it(self):
        pack, _ = self.built("one", site(24), "--site-dictionary")
        self.expect(OK, "verify", pack)
        with Server(self.scratch, pack) as server:
            name, fields, dictionary = self.dictionary_of(server, "/p01")
            self.assertEqual(fields["Use-As-Dictionary"],
                             'match="/*", match-dest=("document" "frame")')
            self.assertIn("immutable", fields["Cache-Control"])
            self.assertEqual(fields["Content-Type"],
                             "application/octet-stream")
            sha = hashlib.sha256(dictionary).digest()
            self.assertIn(sha[:8].hex(), name)
            held = ":%s:" % base64.b64encode(sha).decode()
            _, plain_fields, plain = self.ask(
                server, "/p05", Accept_Encoding="br, zstd, dcz")
            _, fields, body = self.ask(
                server, "/p05", Accept_Encoding="br, zstd, dcz",
                Available_Dictionary=held)
            self.assertEqual(fields["Content-Encoding"], "dcz")
            self.assertEqual(body[:40], DCZ + sha)
            self.assertLess(len(body), len(plain))
            self.assertIsNone(plain_fields.get("Use-As-Dictionary"))
            for f in fields, plain_fields:
                self.assertEqual(f["Vary"],
                                 "Accept-Encoding, Available-Dictionary")
            self.assertNotEqual(fields["ETag"], plain_fields["ETag"])
            # It is acceptable to the same client again.
            status, _, _ = self.ask(
                server, "/p05", Accept_Encoding="dcz",
                Available_Dictionary=held, If_None_Match=fields["ETag"])
            self.assertEqual(status, 304)

    def test_another_dictionary_gets_the_plain_page(self):
        pack, _ = self.built("one", site(24), "--site-dictionary")
        other = ":%s:" % base64.b64encode(hashlib.sha256(b"").digest()).decode()
        with Server(self.scratch, pack) as server:
            _, fields, _ = self.ask(server, "/p05", Accept_Encoding="br, dcz",
                                    Available_Dictionary=other)
            self.assertEqual(fields["Content-Encoding"], "br")

    def test_the_sum_over_the_site_is_printed(self):
        _, done = self.built("one", site(24), "--site-dictionary")
        self.assertRegex(done.err.decode(), r"site dictionary: 26 pages take \d+ bytes "
                         r"with it and \d+ without")

    def test_few_pages_have_none(self):
        pack, done = self.built("one", site(3), "--site-dictionary")
        self.assertIn("no site dictionary: ", done.err.decode())
        with Server(self.scratch, pack) as server:
            _, fields, _ = self.ask(server, "/p01")
            self.assertIsNone(fields.get("Link"))

    def test_the_next_release_has_the_same_one_while_it_serves(self):
        first, _ = self.built("one", site(24), "--site-dictionary")
        second, _ = self.built("two", site(25, "new"), "--site-dictionary",
                              "--previous", first)
        with Server(self.scratch, first) as server:
            name, _, _ = self.dictionary_of(server, "/p01")
        with Server(self.scratch, second) as server:
            self.assertEqual(self.dictionary_of(server, "/p01")[0], name)

    def test_the_same_input_is_the_same_pack(self):
        packs = []
        folder = self.source("one", **site(24))
        for n in 1, 2:
            out = os.path.join(self.top, "%d.edgepack" % n)
            self.expect(OK, "build", folder, "-o", out, "--no-cache", "--fast",
                        "--site-dictionary", "--threads", str(n))
            with open(out, "rb") as f:
                packs.append(f.read())
        self.assertEqual(*packs)


if __name__ == "__main__":
    sys.exit(cli.main(sys.modules[__name__]))
