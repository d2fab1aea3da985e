#!/usr/bin/env python3
"""tests/diff.py: `edgestatic diff`: its table, its JSON and its purge lists.

Run by `make check` in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import json, os, sys

import cli

PAGE = b"<!doctype html><p>hello"
OLD = {"index.html": PAGE, "docs/a.txt": b"a", "docs/b.txt": b"b",
       "css/s.css": b"s{}", "css/t.css": b"t{}",
       "_redirects": b"/old /new 301\n/x/* /y/:splat 302\n"}
NEW = dict(OLD, **{"index.html": PAGE + b"!", "docs/a.txt": b"aa",
                   "docs/b.txt": b"bb", "css/s.css": b"s{color:red}",
                   "new.txt": b"new",
                   "_redirects": b"/old /newer 301\n/x/* /z/:splat 302\n"})
del NEW["css/t.css"]


class Diff(cli.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, files in (("old", OLD), ("new", NEW)):
            for path, content in files.items():
                cls.put(content, name, path)
            cls.command("build", os.path.join(cls.scratch, name), "-q",
                        "--fast", "--no-cache", "--cache-tags",
                        "surrogate-key", "-o", cls.path_of(name))

    @classmethod
    def path_of(cls, name):
        return os.path.join(cls.scratch, name + ".edgepack")

    def diff(self, *options, old="old", new="new"):
        result = self.expect(cli.OK, "diff", self.path_of(old),
                             self.path_of(new), *options)
        self.assertEqual(result.err, b"")
        return result.out.decode()

    def purge(self, *options):
        return self.diff("--purge", *options).splitlines()

    def test_the_same_pack_has_no_difference(self):
        self.assertRegex(self.diff(new="old"), r"^no differences: .*\n$")
        for cache in ("plain", "fastly", "cloudflare", "cloudfront"):
            r = self.expect(cli.OK, "diff", self.path_of("old"),
                            self.path_of("old"), "--purge", cache,
                            says="nothing to purge")
            self.assertEqual(r.out, b"")

    def test_a_line_for_each_path(self):
        rows = [line.split() for line in self.diff().splitlines()]
        told = [(row[0], row[-1]) for row in rows[1:rows.index([])]]
        self.assertEqual(told, [
            ("content", "/"), ("content", "/css/s.css"),
            ("removed", "/css/t.css"), ("content", "/docs/a.txt"),
            ("content", "/docs/b.txt"), ("added", "/new.txt"),
            ("rule", "/old"), ("rule", "/x/*")])
        self.assertEqual(self.diff().splitlines()[-2],
                         "1 added, 1 removed, 4 with other content, 2 by rules")
        self.assertRegex(self.diff().splitlines()[-1],
                         r"B before, .*B after; compressed, .*B and .*B$")

    def test_json(self):
        root = json.loads(self.diff("--json", "--purge", "plain"))
        added = [c for c in root["changes"] if c["change"] == "added"]
        self.assertEqual(added, [{"change": "added", "path": "/new.txt",
                                  "before": 0, "after": 3, "best_before": 0,
                                  "best_after": 3}])
        self.assertEqual(root["purge"][0],
                         {"kind": "url", "value": "/css/s.css"})
        self.assertNotIn("purge", json.loads(self.diff("--json")))

    def test_plain_is_urls(self):
        files = ["/css/s.css", "/css/t.css", "/docs/a.txt", "/docs/b.txt"]
        self.assertEqual(self.purge("plain"), files)
        self.assertEqual(
            self.purge("plain", "--base-url", "https://e.example/"),
            ["https://e.example" + path for path in files])

    def test_cloudfront_is_paths_with_wildcards(self):
        self.assertEqual(self.purge("cloudfront", "--base-url", "https://e.x"),
                         ["/css/*", "/docs/*"])

    def test_fastly_keeps_redirects_that_have_no_key(self):
        self.assertEqual(self.purge("fastly"), ["all"])

    def test_cloudflare_needs_to_know_where_the_site_is(self):
        self.expect(cli.USAGE, "diff", self.path_of("old"),
                    self.path_of("new"), "--purge", "cloudflare",
                    says="--base-url")
        self.assertEqual(
            self.purge("cloudflare", "--base-url", "https://e.x")[0],
            "url https://e.x/css/s.css")

    def test_wrong_values(self):
        for option in (("--purge", "akamai"), ("--base-url", "example.com"),
                       ("--base-url", "https://"), ("--base-url", "ftp://e"),
                       ("--base-url", "https://e/?q")):
            self.expect(cli.USAGE, "diff", self.path_of("old"),
                        self.path_of("new"), *option, says="must be")

    def test_a_pack_that_is_not_there(self):
        for names in (("old", "none"), ("none", "old")):
            self.expect(cli.INPUT, "diff", *map(self.path_of, names),
                        says="none.edgepack")

    def test_releases_of_a_site(self):
        site = os.path.join(self.scratch, "site-store")
        for name in ("old", "new"):
            self.expect(cli.OK, "release", site, self.path_of(name), "-q")
        self.expect(cli.OK, "diff", site + "@1", site + "@live",
                    says="1 added, 1 removed")


if __name__ == "__main__":
    sys.exit(cli.main(sys.modules[__name__]))
