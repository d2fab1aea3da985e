#!/usr/bin/env python3
"""tests/deltas.py: two releases by the real command, asked of the real server
as a browser does that holds files of the first one (RFC 9842); what comes is
decoded by zstd's own library.

Run by `make check' in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import base64, hashlib, http.client, json, os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli
from cli import Server

try:
    import zstandard
except ImportError:
    zstandard = None

TEXT = cli.prose(45000)
OLD = {"index.html": TEXT, "style.css": TEXT[:20000], "tiny.css": "a{}" * 50,
       "js/app.0f2e9a1d.js": TEXT, "404.html": TEXT[:9000]}
NEW = {"index.html": TEXT + "!", "style.css": TEXT[:19000] + "new" * 9,
       "tiny.css": "b{}" * 50, "js/app.7c1d3e5f.js": TEXT[:900] + TEXT[1000:],
       "404.html": TEXT[:8990]}
HASHED = "/js/app.7c1d3e5f.js"
BOTH = "Accept-Encoding, Available-Dictionary"
MAGIC = b"\x5e\x2a\x4d\x18\x20\0\0\0"


def sha256(text):
    return hashlib.sha256(text.encode()).digest()


def named(text):
    return ":%s:" % base64.b64encode(sha256(text)).decode()


class Deltas(cli.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, files in (("old", OLD), ("new", NEW)):
            for path, content in files.items():
                cls.put(content.encode(), name, path)
        cls.build("old")
        cls.build("new", "--previous", cls.path_of("old"))

    @classmethod
    def path_of(cls, name):
        return os.path.join(cls.scratch, name + ".edgepack")

    @classmethod
    def build(cls, name, *options, to=None):
        cls.command("build", os.path.join(cls.scratch, name), "-q",
                    "--no-cache", "-o", cls.path_of(to or name), *options)

    def ask(self, path, held=None, coding="gzip, br, zstd, dcb, dcz",
            pack="new", method="GET", **fields):
        """(status, fields, body)"""
        fields = {k.replace("_", "-"): v for k, v in fields.items()}
        if held:
            fields["Available-Dictionary"] = held
        with Server(self.scratch, self.path_of(pack)) as server:
            c = http.client.HTTPConnection("127.0.0.1", server.port,
                                           timeout=cli.PATIENCE)
            c.request(method, path, headers={"Accept-Encoding": coding,
                                             **fields})
            r = c.getresponse()
            body = r.read()
            c.close()
        return r.status, r.headers, body

    def decoded(self, body, dictionary):
        self.assertEqual(body[:8], MAGIC)
        self.assertEqual(body[8:40], sha256(dictionary))
        if not zstandard:
            self.skipTest("there is no python3-zstandard")
        raw = zstandard.ZstdCompressionDict(
            dictionary.encode(), dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        return zstandard.ZstdDecompressor(
            dict_data=raw).decompressobj().decompress(body[40:]).decode()

    def is_plain(self, answer, vary=BOTH):
        status, fields, body = answer
        self.assertNotIn(fields["Content-Encoding"], ("dcb", "dcz"))
        self.assertEqual(fields["Vary"], vary)

    def test_the_first_release_announces_and_has_no_deltas(self):
        for path, match in (("/js/app.0f2e9a1d.js", 'match="/js/app.:h.js"'),
                            ("/style.css", 'match="/style.css"'),
                            ("/tiny.css", None), ("/", None), ("/no", None)):
            status, fields, body = self.ask(path, pack="old")
            self.assertEqual(fields["Use-As-Dictionary"], match, path)
            self.assertEqual(fields["Vary"] and fields.get_all("Vary"),
                             ["Accept-Encoding"], path)

    def test_a_hashed_name_is_sent_as_its_difference(self):
        status, fields, body = self.ask(HASHED, named(TEXT),
                                        coding="gzip, br, dcz")
        self.assertEqual(status, 200)
        self.assertEqual(fields["Content-Encoding"], "dcz")
        self.assertEqual(fields["Content-Length"], str(len(body)))
        self.assertEqual(fields["Vary"], BOTH)
        self.assertEqual(fields["Use-As-Dictionary"], 'match="/js/app.:h.js"')
        self.assertLess(len(body), 300)
        self.assertEqual(self.decoded(body, TEXT), NEW[HASHED[1:]])
        plain = self.ask(HASHED)
        self.assertNotEqual(plain[1]["ETag"], fields["ETag"])

    def test_a_stable_name_too_and_what_came_by_it_is_revalidated(self):
        held = OLD["style.css"]
        status, fields, body = self.ask("/style.css", named(held),
                                        coding="br, dcz")
        self.assertEqual(self.decoded(body, held), NEW["style.css"])
        again = self.ask("/style.css", named(NEW["style.css"]),
                         coding="br, dcz", If_None_Match=fields["ETag"])
        self.assertEqual((again[0], again[2][:8]), (200, MAGIC))
        self.assertLess(len(again[2]), 100)
        then = self.ask("/style.css", named(NEW["style.css"]),
                        coding="br, dcz", If_None_Match=again[1]["ETag"])
        self.assertEqual((then[0], then[2]), (304, b""))
        self.assertEqual(then[1]["Vary"], BOTH)

    def test_who_holds_other_bytes_or_none_gets_all(self):
        for held in (None, named(OLD["style.css"]), "nonsense", ":AAAA:",
                     named(TEXT)[:-1]):
            self.is_plain(self.ask(HASHED, held))
        self.is_plain(self.ask(HASHED, named(TEXT), coding="br"))
        self.is_plain(self.ask(HASHED, named(TEXT), coding="*"))
        self.is_plain(self.ask(HASHED, named(TEXT), coding="br, dcz;q=0"))

    def test_pages_and_error_pages_have_none(self):
        self.is_plain(self.ask("/", named(TEXT)), "Accept-Encoding")
        self.is_plain(self.ask("/no", named(OLD["404.html"])),
                      "Accept-Encoding")

    def test_a_page_that_a_rule_lets_browsers_keep_has_deltas(self):
        rule = ("--cache-rule", "*.html=max-age=600")
        self.build("old", *rule, to="kept")
        self.build("new", *rule, "--previous", self.path_of("kept"), to="page")
        status, fields, body = self.ask("/", named(TEXT), coding="br, dcz",
                                        pack="page")
        self.assertEqual(self.decoded(body, TEXT), NEW["index.html"])

    def test_no_deltas(self):
        self.build("new", "--no-deltas", "--previous", self.path_of("old"),
                   to="none")
        status, fields, body = self.ask(HASHED, named(TEXT), pack="none")
        self.is_plain((status, fields, body), "Accept-Encoding")
        self.assertNotIn("Use-As-Dictionary", fields)

    def test_ls_says_what_deltas_save(self):
        out = self.expect(cli.OK, "ls", self.path_of("new")).out.decode()
        row, = [line for line in out.splitlines() if line.endswith(HASHED)]
        self.assertRegex(row, r" \d+ B +9[89]\.\d % ")
        row, = [line for line in out.splitlines() if line.endswith("tiny.css")]
        self.assertRegex(row, r" - +- ")

    def test_ls_names_what_a_delta_is_to(self):
        out = self.expect(cli.OK, "ls", "--json", self.path_of("new")).out
        asset, = [a for a in json.loads(out) if a["path"] == HASHED]
        self.assertEqual([v["to"] for v in asset["variants"] if "to" in v][:1],
                         ["/js/app.0f2e9a1d.js"])

    def test_the_cache_gives_the_same_bytes(self):
        cache = ("--cache", os.path.join(self.scratch, "cache"))
        packs = []
        for _ in range(2):
            to = "cached%d" % len(packs)
            self.command("build", os.path.join(self.scratch, "new"), "-q",
                         "-o", self.path_of(to), "--previous",
                         self.path_of("old"), *cache)
            packs.append(self.read(self.path_of(to)))
        self.assertEqual(packs[0], packs[1])
        self.assertEqual(packs[0], self.read(self.path_of("new")))


if __name__ == "__main__":
    sys.exit(cli.main(sys.modules[__name__]))
