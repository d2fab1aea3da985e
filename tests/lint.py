#!/usr/bin/env python3
"""tests/lint.py: `edgestatic lint' by the real command.

Run by `make check' in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import json, os, re, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli
from cli import DIFFERENT, INPUT, OK, USAGE

LINE = re.compile(r"(\S+):(\d+):(\d+): (error|warning|note): (.*) \[([a-z]+)\]")


class Lint(cli.Case):
    def folder(self, redirects="", headers=""):
        site = self.fresh("public")
        for name, text in (("index.html", "<p>home"), ("about.html", "<p>us"),
                           ("a.txt", "a"), ("_redirects", redirects),
                           ("_headers", headers)):
            if text:
                self.put(text.encode(), site, name)
        return site

    def found(self, result):
        """[(file, line, severity, kind)] of what was printed, and the rest."""
        lines = result.out.decode().splitlines()
        matches = [LINE.fullmatch(line) for line in lines]
        return ([(os.path.basename(m[1]), int(m[2]), m[4], m[6])
                 for m in matches if m],
                [line for line, m in zip(lines, matches) if not m])

    def test_nothing_amiss_is_said_and_success(self):
        r = self.expect(OK, "lint", self.folder("/x https://o.example/ 301\n"),
                        "--target", "native")
        self.assertEqual({f[2] for f in self.found(r)[0]}, {"note"})
        self.expect(OK, "lint", self.site, says="nothing is amiss")

    def test_findings_are_lines_by_file_and_line_and_a_summary(self):
        site = self.folder("/p /q 301\n/q /p 301\n/bad\n/x /nix 301\n",
                           "/nix/*\n  X-A: 1\n")
        found, rest = self.found(self.expect(DIFFERENT, "lint", site))
        self.assertEqual(
            [f for f in found if f[3] != "different"],
            [("_headers", 1, "warning", "nowhere"),
             ("_redirects", 1, "warning", "loop"),
             ("_redirects", 2, "warning", "loop"),
             ("_redirects", 3, "error", "wrong"),
             ("_redirects", 4, "warning", "nowhere")])
        self.assertRegex(rest[-1], r"^1 error, 4 warnings, \d+ notes?$")

    def test_json_says_the_same(self):
        site = self.folder("/p /q 301\n/q /p\n/bad\n", "/nix/*\n  X-A: 1\n")
        found, _ = self.found(self.expect(DIFFERENT, "lint", site))
        told = json.loads(self.expect(DIFFERENT, "lint", site, "--json").out)
        self.assertEqual(found, [(os.path.basename(f["file"]), f["line"],
                                  f["severity"], f["kind"]) for f in told])
        self.assertTrue(all(f["column"] > 0 and f["text"] for f in told))
        empty = self.expect(OK, "lint", self.site, "--json")
        self.assertEqual(json.loads(empty.out), [])

    def test_the_target_chooses_reading_and_limits(self):
        gone = self.folder("/x /about 410\n")
        self.expect(OK, "lint", gone)
        self.expect(DIFFERENT, "lint", gone, "--target", "workers",
                    says="no status of a rule")
        self.expect(OK, "lint", gone, "-t", "workers", "--dialect", "netlify")
        for target in "netlify", "fastly", "wasi-http", "cgi", "node", "oci":
            self.expect(OK, "lint", gone, "--target", target)

    def test_too_many_rules_for_the_target(self):
        many = "".join("/n%d/* /a.txt 301\n" % i for i in range(101))
        site = self.folder(many)
        self.expect(OK, "lint", site)
        r = self.expect(DIFFERENT, "lint", site, "--target", "workers")
        self.assertIn(("_redirects", 101, "error", "limit"), self.found(r)[0])

    def test_options_of_a_build_matter(self):
        site = self.folder("/about /a.txt 301\n", "/nix/*\n  X-A: 1\n")
        self.expect(DIFFERENT, "lint", site, says="about.html has this path")
        self.expect(OK, "lint", site, "--html-handling", "none",
                    "--not-found", "spa")
        self.expect(OK, "lint", self.site, "--host", "a.example")

    def test_wrong_values(self):
        for option, value in (("--target", "moon"), ("--dialect", "latin"),
                              ("--html-handling", "x"), ("--not-found", "x")):
            self.expect(USAGE, "lint", self.site, option, value, says=option)
        self.expect(INPUT, "lint", os.path.join(self.scratch, "none"),
                    says="no such folder")
        self.expect(INPUT, "lint", self.site, "--host", "a b",
                    says="not the name of a host")

    def test_a_build_with_warnings_of_rules_points_here(self):
        site = self.folder("/x /a.txt 301 Colour=red\n")
        pack = os.path.join(site, "..", "p.edgepack")
        r = self.expect(OK, "build", site, "-o", pack, "--no-cache")
        self.assertIn(b"edgestatic lint", r.err)
        r = self.expect(OK, "build", site, "-o", pack, "--no-cache", "-q")
        self.assertNotIn(b"edgestatic lint", r.err)
        r = self.expect(OK, "build", self.site, "-o", pack, "--no-cache")
        self.assertNotIn(b"edgestatic lint", r.err)

    def test_hostile_text_does_not_drive_the_terminal(self):
        site = self.folder("/x\u009b31m /a.txt 301\n/\x1b[31m /a.txt 301\n")
        out = self.command("lint", site).out
        self.assertNotIn(b"\x1b", out)
        self.assertNotIn("\u009b".encode(), out)


if __name__ == "__main__":
    sys.exit(cli.main(sys.modules[__name__]))
