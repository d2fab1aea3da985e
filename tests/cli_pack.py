#!/usr/bin/env python3
"""tests/cli_pack.py: the commands that read a pack: ls, get, explain, verify,
embed; of one that is damaged, too.

Run by `make check` in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import json, os, random, re, shutil, subprocess, sys, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli
from cli import DIFFERENT, INPUT, OK, VERBS, Case


class Look(Case):
    """ls, get and explain."""

    def test_ls(self):
        r = self.expect(OK, "ls", self.pack)
        lines = r.out.decode().splitlines()
        self.assertEqual(lines[0].split(),
                         "identity gzip br zstd delta saves hash type path".split())
        paths = [line[lines[0].index("path"):] for line in lines[1:]]
        for path in "/", "/about", "/docs/", "/a b/\u00e9.txt", "/empty.txt":
            self.assertIn(path, paths)
        column = lines[0].index("hash")
        self.assertTrue(all(re.fullmatch("[0-9a-f]{32}", l[column:column + 32])
                            for l in lines[1:]))

    def test_ls_json(self):
        assets = json.loads(self.expect(OK, "ls", self.pack, "--json").out)
        page = next(a for a in assets if a["path"] == "/about")
        self.assertEqual(page["file"], "about.html")
        self.assertEqual({v["coding"] for v in page["variants"]},
                         {"identity", "gzip", "br", "zstd"})
        sizes = [v["size"] for v in page["variants"]]
        self.assertEqual(sizes, sorted(sizes))

    def test_get(self):
        r = self.expect(OK, "get", self.pack, "/data.bin")
        head, body = r.out.split(b"\n\n", 1)
        self.assertTrue(head.startswith(b"HTTP/1.1 200 OK\n"))
        self.assertEqual(body, self.read(self.site + "/data.bin"))
        r = self.expect(OK, "get", self.pack, "/data.bin", "-X", "HEAD")
        self.assertEqual(r.out, head + b"\n\n")

    def test_get_with_fields(self):
        self.expect(OK, "get", self.pack, "/", "-H", "accept-encoding:br",
                    says="Content-Encoding: br\n")
        etag = json.loads(self.expect(OK, "ls", self.pack, "--json").out)
        etag = next(a for a in etag if a["path"] == "/data.bin")
        etag = etag["variants"][0]["etag"]
        # Two lines of one field are one list.
        r = self.expect(OK, "get", self.pack, "/data.bin", "-H",
                        'If-None-Match: "x"', "-H", "If-None-Match: " + etag)
        self.assertTrue(r.out.startswith(b"HTTP/1.1 304 Not Modified\n"))
        r = self.expect(OK, "get", self.pack, "/data.bin", "-H",
                        "Range: bytes=0-9,20-29")
        self.assertTrue(r.out.startswith(b"HTTP/1.1 206 Partial Content\n"))
        self.assertIn(self.read(self.site + "/data.bin")[20:30], r.out)

    def test_a_field_that_does_not_matter_is_said_so(self):
        r = self.expect(OK, "get", self.pack, "/", "-H", "X-Colour: blue")
        self.assertIn(b"X-Colour", r.err)

    def test_every_status_is_an_answer(self):
        for args, status in [(["/nowhere"], 404), (["/%zz"], 400),
                             (["/", "-X", "DELETE"], 405),
                             (["/about.html"], 308), (["*", "-X", "OPTIONS"], 204),
                             (["/data.bin", "-H", "Range: bytes=99999-"], 416)]:
            self.expect(OK, "get", self.pack, *args,
                        says="^HTTP/1.1 %d " % status)

    def test_explain(self):
        r = self.expect(OK, "explain", self.pack, "/about", "-H",
                        "Accept-Encoding: gzip;q=0.5, br;q=0")
        out = r.out.decode()
        self.assertRegex(out, "the path names an asset")
        self.assertRegex(out, "from the file about.html, text/html")
        self.assertRegex(out, r"gzip +0\.500 .* chosen")
        self.assertRegex(out, r"br +0\.000 .* refused by Accept-Encoding")
        self.assertRegex(out, r"Content-Type +mime table +text/html")

    def test_explain_says_what_decided(self):
        self.expect(OK, "explain", self.pack, "/data.bin", "-H",
                    "Range: bytes=0-0", says="206 .*because of Range: bytes=0-0")
        self.expect(OK, "explain", self.pack, "/nowhere",
                    says="nearest 404 page(?s:.*)asset +the 404 page of /\n")
        self.expect(OK, "explain", self.pack, "/about.html", says="spelling")
        self.expect(OK, "explain", self.pack, "/about",
                    says="identity .* chosen: there is no Accept-Encoding")
        r = self.expect(OK, "explain", self.pack, "/about", "-H",
                        "Accept-Encoding: *;q=0", says="status +406")
        self.assertEqual(r.out.count(b"refused by Accept-Encoding"), 4)
        self.expect(OK, "explain", self.pack, "/", "-X", "PUT", says="405")

    def test_explain_names_the_rule_that_a_file_hides(self):
        folder = self.fresh("site")
        self.put(b"<p>home", folder, "index.html")
        self.put(b"<p>us", folder, "about.html")
        self.put(b"/x / 301\n/about / 302\n/ /about 301!\n", folder,
                 "_redirects")
        pack = os.path.join(folder, "s.edgepack")
        self.expect(OK, "build", folder, "-o", pack, "-q", "--fast",
                    "--no-cache")
        for target in "/about", "/about/":
            r = self.expect(OK, "explain", pack, target)
            self.assertRegex(r.out.decode(), "hidden +_redirects:2 is for.*"
                             "\n +\"!\" behind the status")
        for target in "/x", "/", "/none", "/about.html":
            self.assertNotIn(b"hidden", self.command("explain", pack,
                                                     target).out)

    def test_explain_names_the_line_that_set_a_field(self):
        folder = self.fresh("site")
        self.put(b"<p>home", folder, "index.html")
        self.put(b"/old /\n/:x /gone 410\n", folder, "_redirects")
        self.put(b"/*\n  X-A: 1\n  Link: </>\n", folder, "_headers")
        pack = os.path.join(folder, "s.edgepack")
        self.expect(OK, "build", folder, "-o", pack, "-q", "--fast",
                    "--no-cache", "--noindex")
        for target, lines in (
                ("/old", ["rule +_redirects:1", "status +301 Moved Permanently",
                          "Location +_redirects:1 +/",
                          "Cache-Control +default +no-cache",
                          "X-Robots-Tag +--noindex +noindex"]),
                ("/none", ["rule +_redirects:2", "status +410 Gone",
                           "Cache-Control +default +no-store"]),
                ("/", ["Link +_headers:3 +</>", "X-A +_headers:2 +1"]),
                ("/index.html", ["Location +default +/"])):
            out = self.expect(OK, "explain", pack, target).out.decode()
            for line in lines:
                self.assertRegex(out, "(?m)^ *%s$" % line, target)
            self.assertNotRegex(out, "(?m) $", target)


class Damage(Case):
    READERS = [("ls",), ("get", "/"), ("explain", "/"), ("verify",)]

    def readers(self, pack):
        """How each verb that reads a pack exits; none may crash."""
        codes = {}
        for verb, *more in self.READERS:
            r = self.command(verb, pack, *more)
            self.assertIn(r.code, (OK, DIFFERENT, INPUT), (verb, r.err))
            codes[verb] = r.code
        return codes

    def test_good(self):
        self.expect(OK, "verify", self.pack, says="^good: ")
        self.assertEqual(self.expect(OK, "verify", "-q", self.pack).out, b"")

    def test_no_such_pack(self):
        for args in (["ls", "nowhere"], ["verify", "nowhere"],
                     ["serve", "nowhere"], ["get", "nowhere", "/"],
                     ["explain", "nowhere", "/"],
                     ["check", "http://127.0.0.1:1/", "nowhere"],
                     ["embed", "nowhere", "-o", "x.o"]):
            if args[0] in VERBS:
                self.expect(INPUT, *args, says="No such file")

    def test_a_folder_is_no_pack(self):
        self.expect(INPUT, "ls", "site", says="is a folder, not a pack")

    def test_other_files_are_no_packs(self):
        for content in b"", b"x", b"<!doctype html>" * 100, bytes(5000):
            name = self.put(content, "other.edgepack")
            codes = self.readers(name)
            self.assertEqual(set(codes.values()), {DIFFERENT, INPUT})
            self.assertEqual(codes["verify"], DIFFERENT)

    def test_every_truncation_is_found(self):
        whole = self.read(self.pack)
        for length in sorted(random.Random(2).sample(range(len(whole)), 25)):
            name = self.put(whole[:length], "short.edgepack")
            codes = self.readers(name)
            self.assertEqual(codes.pop("verify"), DIFFERENT, length)
            self.assertEqual(set(codes.values()), {INPUT}, length)

    def test_every_flipped_bit_of_the_index_is_found(self):
        whole = self.read(self.pack)
        index = json.loads(self.expect(
            OK, "build", "site", "-o", "i.edgepack", "--json").out)["index_bytes"]
        for i in random.Random(3).sample(range(index), 30):
            damaged = bytearray(whole)
            damaged[i] ^= 1 << i % 8
            codes = self.readers(self.put(bytes(damaged), "flip.edgepack"))
            self.assertIn(codes["verify"], (DIFFERENT, INPUT), i)

    def test_every_flipped_bit_of_a_body_is_found(self):
        whole = self.read(self.pack)
        body = self.read(self.site + "/data.bin")
        at = whole.index(body)
        for i in random.Random(4).sample(range(len(body)), 8):
            damaged = bytearray(whole)
            damaged[at + i] ^= 1 << i % 8
            name = self.put(bytes(damaged), "flip.edgepack")
            r = self.expect(DIFFERENT, "verify", name)
            self.assertIn(b"/data.bin: identity has other bytes", r.out)

    def test_a_damaged_pack_is_not_embedded(self):
        name = self.put(self.read(self.pack)[:3000], "short.edgepack")
        self.expect(INPUT, "embed", name, "-o", "never.o")
        self.assertFalse(os.path.exists(self.scratch + "/never.o"))


@unittest.skipUnless(shutil.which("cc"), "no compiler")
class Embed(Case):
    PROGRAM = b"""#include <stdint.h>
    #include <stdio.h>
    extern const unsigned char %(name)s[];
    extern const size_t %(name)s_len;
    int main(void) {
      if ((uintptr_t)%(name)s %% 16 != 0) return 1;
      return fwrite(%(name)s, 1, %(name)s_len, stdout) != %(name)s_len;
    }"""

    def program(self, source, name=b"edgepack", *flags):
        main = self.put(self.PROGRAM % {b"name": name}, "main.c")
        subprocess.run(["cc", *flags, main, source, "-o", "program"], check=True,
                       cwd=self.scratch)
        out = subprocess.run([self.scratch + "/program"], check=True,
                             stdout=subprocess.PIPE).stdout
        self.assertEqual(out, self.read(self.pack))

    def test_object_file(self):
        self.expect(OK, "embed", self.pack, "-o", "site.o")
        self.program("site.o", b"edgepack", "-Wl,--fatal-warnings")

    def test_c_source(self):
        self.expect(OK, "embed", self.pack, "-o", "site.c")
        self.program("site.c", b"edgepack", "-std=c11", "-Wall", "-Wextra",
                     "-Wpedantic", "-Werror")

    def test_symbol(self):
        self.expect(OK, "embed", self.pack, "-o", "s.o", "--symbol", "my_site")
        self.program("s.o", b"my_site")

    def test_it_is_read_only(self):
        self.expect(OK, "embed", self.pack, "-o", "ro.o")
        out = subprocess.run(["objdump", "-h", "ro.o"], cwd=self.scratch,
                             capture_output=True, check=True).stdout
        self.assertRegex(out, rb"\.rodata[^.]*READONLY, DATA")

    def test_an_output_that_cannot_be_written(self):
        for name in "no/such/folder/x.o", "no/such/folder/x.c":
            self.expect(INPUT, "embed", self.pack, "-o", name, says="cannot write")


if __name__ == "__main__":
    sys.exit(cli.main(sys.modules[__name__]))
