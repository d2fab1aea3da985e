#!/usr/bin/env python3
"""tests/cli_build.py: `edgestatic build`: what it makes of a folder, what it
says, and what it leaves behind when something goes wrong.

Run by `make check` in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import json, os, random, re, resource, shutil, signal, subprocess, sys, time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli
from cli import COMMAND, INPUT, OK, PATIENCE, USAGE, Case, environment


class Build(Case):
    def test_closing_table(self):
        r = self.build_result
        self.assertEqual((r.code, r.err), (OK, b""))
        for coding in b"identity", b"gzip", b"br", b"zstd":
            self.assertRegex(r.out, rb"(?m)^ +" + coding + rb" +\d+ ")
        self.assertIn(b"8 files", r.out)

    def test_json(self):
        r = self.expect(OK, "build", "site", "-o", "j.edgepack", "--json")
        figures = json.loads(r.out)
        self.assertEqual(figures["files"], 8)
        self.assertEqual(figures["pack_bytes"],
                         os.path.getsize(self.scratch + "/j.edgepack"))

    def test_quiet(self):
        r = self.expect(OK, "build", "site", "-o", "q.edgepack", "-q")
        self.assertEqual(r.out + r.err, b"")

    def test_same_input_same_bytes(self):
        for i, more in enumerate([["--threads", "1"], ["--threads", "3"],
                                  ["--no-cache"]]):
            name = "same%d.edgepack" % i
            self.expect(OK, "build", "site", "-o", name, *more)
            self.assertEqual(self.read(os.path.join(self.scratch, name)),
                             self.read(self.pack), more)

    def test_source_date_epoch(self):
        self.expect(OK, "build", "site", "-o", "epoch.edgepack",
                    env={"SOURCE_DATE_EPOCH": "784111777"})
        self.expect(OK, "get", "epoch.edgepack", "/",
                    says="Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT")
        for bad in "", "now", "-1", "1.5", "9" * 30:
            self.expect(USAGE, "build", "site", "-o", "never.edgepack",
                        env={"SOURCE_DATE_EPOCH": bad}, says="SOURCE_DATE_EPOCH")

    def test_a_hashed_name_with_other_bytes_fails(self):
        self.put(b"one", "prev", "app.3f2a1b9c.js")
        self.put(b"<p>", "prev", "index.html")
        self.expect(OK, "build", "prev", "-o", "prev.edgepack", "-q")
        again = ("build", "prev", "-o", "next.edgepack", "-q",
                 "--previous", "prev.edgepack")
        self.put(b"<p>new", "prev", "index.html")
        self.expect(OK, *again)
        self.put(b"two", "prev", "app.3f2a1b9c.js")
        r = self.expect(INPUT, *again, says="app.3f2a1b9c.js: its name carries")
        self.assertEqual(len(set(re.findall(rb"[0-9a-f]{32}", r.err))), 2)
        self.expect(INPUT, "build", "prev", "-o", "next.edgepack",
                    "--previous", "none.edgepack", says="none.edgepack")
        self.expect(INPUT, "build", "prev", "-o", "next.edgepack",
                    "--previous", "prev", says="is a folder, not a pack")

    def test_files_of_an_earlier_release_are_kept(self):
        self.put(b"one", "kept", "app.3f2a1b9c.js")
        self.put(b"plain", "kept", "plain.js")
        self.expect(OK, "build", "kept", "-o", "one.edgepack", "-q")
        for name in "app.3f2a1b9c.js", "plain.js":
            os.remove(os.path.join(self.scratch, "kept", name))
        self.put(b"two", "kept", "app.4f2a1b9c.js")
        build = ("build", "kept", "-o", "two.edgepack", "--previous",
                 "one.edgepack", "--keep", "2w")
        epoch = {"SOURCE_DATE_EPOCH": "1800000000"}
        r = self.expect(OK, *build, env=epoch)
        self.assertIn(b"2 files, 2 unique bodies, 1 kept from earlier releases",
                      r.out)
        first = self.read(self.scratch + "/two.edgepack")
        r = self.expect(OK, *build, "--json", env=epoch)
        self.assertEqual(json.loads(r.out)["retained"], 1)
        self.assertEqual(first, self.read(self.scratch + "/two.edgepack"))
        until = b"kept from an earlier release until 2027-01-29 08:00 UTC"
        r = self.expect(OK, "ls", "two.edgepack")
        self.assertIn(b"/app.3f2a1b9c.js (%s)" % until, r.out)
        self.assertNotIn(b"plain.js", r.out)
        self.assertEqual(r.out.count(b"kept"), 1)
        assets = json.loads(self.expect(OK, "ls", "two.edgepack", "--json").out)
        self.assertEqual([a.get("retained_until") for a in assets],
                         [1800000000 + 14 * 86400, None])
        r = self.expect(OK, "explain", "two.edgepack", "/app.3f2a1b9c.js")
        self.assertIn(until, r.out)
        self.expect(OK, "verify", "two.edgepack")
        # Without --keep nothing is, and what was kept is not kept again.
        self.expect(OK, *build[:-2])
        self.assertNotIn(b"3f2a", self.expect(OK, "ls", "two.edgepack").out)

    def test_the_cache_is_where_xdg_says(self):
        home = self.fresh("home")
        self.expect(OK, "build", "site", "-o", "c.edgepack",
                    env={"XDG_CACHE_HOME": None, "HOME": home})
        self.assertTrue(os.listdir(home + "/.cache/edgestatic"))
        self.expect(OK, "build", "site", "-o", "c.edgepack",
                    env={"XDG_CACHE_HOME": "relative", "HOME": home})
        self.assertFalse(os.path.exists(self.scratch + "/relative"))

    def test_no_cache_and_no_home(self):
        home = self.fresh("home")
        self.expect(OK, "build", "site", "-o", "c.edgepack", "--no-cache",
                    env={"XDG_CACHE_HOME": None, "HOME": home})
        self.assertEqual(os.listdir(home), [])
        self.expect(OK, "build", "site", "-o", "c.edgepack",
                    env={"XDG_CACHE_HOME": None, "HOME": None})

    def test_a_default_cache_that_cannot_be_made_is_no_error(self):
        r = self.expect(OK, "build", "site", "-o", "c.edgepack",
                        env={"XDG_CACHE_HOME": self.pack})
        self.assertIn(b"warning: no cache", r.err)

    def test_cache_rules(self):
        self.expect(OK, "build", "site", "-o", "r.edgepack",
                    "--cache-rule", "*.bin=max-age=7",
                    "--cache-rule", "data.*=max-age=8")
        self.expect(OK, "get", "r.edgepack", "/data.bin", "-X", "HEAD",
                    says="Cache-Control: max-age=8\n")

    def test_a_directive_that_caches_do_not_know_is_a_warning(self):
        out = self.expect(OK, "build", "site", "-o", "r.edgepack",
                          "--cache-rule", "*=maxage=7")
        self.assertIn(b"max-age is one", out.err)

    def test_policy(self):
        self.expect(INPUT, "build", "site", "-o", "never.edgepack",
                    "--cors", "*=null", says="null is what any site")
        self.expect(INPUT, "build", "site", "-o", "never.edgepack",
                    "--cdn-cache-rule", "*=max-age=1y", says="RFC 8941")
        self.expect(INPUT, "build", "site", "-o", "never.edgepack",
                    "--fingerprint", "(", says="--fingerprint '[(]'")
        self.expect(USAGE, "build", "site", "-o", "never.edgepack",
                    "--cache-tags", "x", says="surrogate-key or cache-tag")
        self.expect(OK, "build", "site", "-o", "r.edgepack", "--noindex",
                    "--cdn-cache-rule", "*=max-age=9", "--cache-tags",
                    "surrogate-key", "--fingerprint", "^data[.]")
        for field in ("X-Robots-Tag: noindex", "CDN-Cache-Control: max-age=9",
                      "Cache-Control: max-age=31536000, immutable",
                      "Surrogate-Key: type-octet-stream hash-"):
            self.expect(OK, "get", "r.edgepack", "/data.bin", says=field)
        self.expect(OK, "explain", "r.edgepack", "/data.bin",
                    says="--fingerprint")

    def test_modes(self):
        modes = {"auto": "/about", "force": "/about/", "drop": "/about",
                 "none": "/about.html"}
        for mode, path in modes.items():
            self.expect(OK, "build", "site", "-o", "m.edgepack", "-q",
                        "--html-handling", mode)
            self.expect(OK, "get", "m.edgepack", path, "-X", "HEAD",
                        says="^HTTP/1.1 200 OK\n")
        self.expect(OK, "build", "site", "-o", "m.edgepack", "-q",
                    "--not-found", "spa", "--no-nosniff")
        r = self.expect(OK, "get", "m.edgepack", "/nowhere",
                        "-H", "Sec-Fetch-Mode: navigate", says="^HTTP/1.1 200 ")
        self.assertNotIn(b"nosniff", r.out)

    def refused(self, source, says, output=None):
        """An old pack is still there afterwards, and nothing else is new."""
        folder = self.fresh("out-%d" % random.getrandbits(30))
        old = output or os.path.join(folder, "old.edgepack")
        if not output:
            shutil.copy(self.pack, old)
        self.expect(INPUT, "build", source, "-o", old, says=says)
        if not output:
            self.assertEqual(self.read(old), self.read(self.pack))
            self.assertEqual(os.listdir(folder), ["old.edgepack"])

    def test_rules_of_both_dialects(self):
        site = self.fresh("site")
        pack = site + ".edgepack"
        name = os.path.relpath(site, self.scratch)
        self.put(b"a", name, "a.txt")
        self.put(b"/*\n  X-A: 1\n/a.*\n  X-A: 2\n", name, "_headers")
        self.put(b"/b /a.txt\n", name, "_redirects")
        for dialect, value in ("netlify", b"2"), ("cloudflare", b"1, 2"):
            self.expect(OK, "build", site, "-o", pack, "--dialect", dialect)
            r = self.command("explain", pack, "/a.txt")
            self.assertRegex(r.out, rb"X-A +_headers:4 +" + value + rb"\n")
            r = self.command("explain", pack, "/b")
            self.assertRegex(r.out, rb"(?m)^rule +_redirects:1\nstatus +30")
            self.assertNotIn(b"_redirects", self.command("ls", pack).out)

    def test_a_wrong_rule_is_named_with_its_place(self):
        site = self.fresh("site")
        pack = site + ".edgepack"
        name = os.path.relpath(site, self.scratch)
        self.put(b"a", name, "a.txt")
        self.put(b"/*\n  X-A: 1\n  Bad Name: 2\n", name, "_headers")
        self.expect(INPUT, "build", site, "-o", pack,
                    says=r"/site/_headers:3:3: .*name of a field")
        self.assertFalse(os.path.exists(pack))
        self.expect(OK, "build", site, "-o", pack, "--lenient",
                    says=r"warning: .*/site/_headers:3:3: ")
        self.assertRegex(self.command("explain", pack, "/a.txt").out, b"X-A")

    def test_a_block_for_a_host_needs_its_name(self):
        site = self.fresh("site")
        pack = site + ".edgepack"
        name = os.path.relpath(site, self.scratch)
        self.put(b"a", name, "a.txt")
        self.put(b"https://a.example/*\n  X-A: 1\n", name, "_headers")
        options = "-o", pack, "--dialect", "cloudflare"
        r = self.expect(OK, "build", site, *options, says="--host")
        self.assertNotIn(b"X-A", self.command("explain", pack, "/a.txt").out)
        r = self.expect(OK, "build", site, *options, "--host", "a.example")
        self.assertEqual(r.err, b"")
        self.assertIn(b"X-A", self.command("explain", pack, "/a.txt").out)
        self.expect(INPUT, "build", site, *options, "--host", "a b",
                    says="--host a b: not the name of a host")

    def test_bad_input_leaves_the_old_pack(self):
        self.refused("nowhere", "nowhere: no such folder")
        self.refused(self.pack, "s.edgepack")
        outside = self.fresh("outside")
        os.symlink("/etc/passwd", os.path.join(outside, "link.txt"))
        self.refused(outside, "link.txt")
        bytes_name = self.fresh("bytes").encode()
        with open(bytes_name + b"/\xff.txt", "wb"):
            pass
        self.refused(bytes_name.decode(), "UTF-8")

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_a_file_that_may_not_be_read(self):
        folder = self.fresh("closed")
        os.close(os.open(folder + "/x.txt", os.O_CREAT, 0))
        self.refused(folder, "x.txt: .*Permission denied")

    def test_an_output_that_cannot_be_written(self):
        self.refused("site", "no/such/folder", output="no/such/folder/s.edgepack")
        self.refused("site", "site", output="site")

    def test_a_disk_that_is_full_leaves_the_old_pack(self):
        folder = self.fresh("full")
        shutil.copy(self.pack, folder + "/old.edgepack")
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
        # Another pack than the one there, which would not be written again.
        for args in (["build", "site", "--no-nosniff", "-o"],
                     ["embed", self.pack, "-o"]):
            name = "old.edgepack" if args[0] == "build" else "x.c"
            self.expect(INPUT, *args, os.path.join(folder, name),
                        says="cannot|File too large", preexec_fn=limit)
            self.assertEqual(os.listdir(folder), ["old.edgepack"])
        self.assertEqual(self.read(folder + "/old.edgepack"),
                         self.read(self.pack))

    def test_a_pack_in_its_own_folder_is_warned_of(self):
        folder = self.fresh("site")
        os.mkdir(folder + "/sub")
        for name in "a.edgepack", "sub/a.edgepack":
            r = self.expect(OK, "build", folder, "-o", folder + "/" + name)
            self.assertIn(b"is in the folder that it is made of", r.err)
        for name in folder + "/.a.edgepack", folder + ".edgepack", "b.edgepack":
            r = self.expect(OK, "build", folder, "-o", name)
            self.assertEqual(r.err, b"")

    def test_an_empty_folder_is_a_site(self):
        self.expect(OK, "build", self.fresh("none"), "-o", "none.edgepack")
        self.expect(OK, "get", "none.edgepack", "/", says="^HTTP/1.1 404 ")

    def test_an_interrupted_build_leaves_nothing(self):
        big = self.fresh("big")
        words = [b"%x" % random.Random(i).getrandbits(40) for i in range(4000)]
        for i in range(40):
            text = b" ".join(random.Random(i).choices(words, k=60000))
            self.put(text, big, "%d.txt" % i)
        for sig in signal.SIGINT, signal.SIGTERM:
            folder = self.fresh(sig.name)
            shutil.copy(self.pack, folder + "/old.edgepack")
            p = subprocess.Popen(
                [COMMAND, "build", big, "-o", "old.edgepack", "--no-cache",
                 "--threads", "3"], cwd=folder, stderr=subprocess.PIPE,
                env=environment(self.scratch))
            # It compresses, in threads.
            while len(os.listdir("/proc/%d/task" % p.pid)) < 3:
                self.assertIsNone(p.poll())
                time.sleep(0.05)
            time.sleep(0.3)
            p.send_signal(sig)
            _, err = p.communicate(timeout=PATIENCE)
            self.assertEqual(p.returncode, -sig, err)
            self.assertIn(b"interrupted", err)
            self.assertEqual(os.listdir(folder), ["old.edgepack"])
            self.assertEqual(self.read(folder + "/old.edgepack"),
                             self.read(self.pack))


if __name__ == "__main__":
    sys.exit(cli.main(sys.modules[__name__]))
