#!/usr/bin/env python3
"""tests/cli.py: the command, verb by verb: what it prints, what it exits with,
and what it leaves behind when something goes wrong.

Run by `make check` in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import http.client, json, os, pty, random, re, resource, select, shutil
import signal, socket, subprocess, sys, tempfile, threading, time, unittest

BUILD = os.environ.get("BUILD", os.getcwd())
COMMAND = os.path.join(BUILD, "edgestatic")
TROUBLE = re.compile(rb"Sanitizer|runtime error:|Assertion|core dumped")
VERBS = {"build": ["DIR"], "serve": ["DIR"], "ls": ["PACK"],
         "get": ["PACK", "/"], "explain": ["PACK", "/"], "verify": ["PACK"],
         "check": ["http://127.0.0.1:1/", "PACK"], "embed": ["PACK"],
         "publish": ["DIR"], "release": ["SITE", "DIR"], "releases": ["SITE"],
         "diff": ["PACK", "PACK"],
         "promote": ["SITE", "staging"], "rollback": ["SITE"],
         "expire": ["SITE"], "gc": ["SITE"], "lint": ["DIR"]}
# Operands that may be left out.
OPTIONAL = {"promote": ["live"], "rollback": ["live"], "expire": ["staging"]}
# Those that configure left out.
MISSING = {v for v in VERBS if b"was left out" in
           subprocess.run([COMMAND, v], capture_output=True).stderr}
for verb in MISSING:
    VERBS.pop(verb)
OK, DIFFERENT, USAGE, INPUT, NETWORK = range(5)
# A sanitizer makes everything slower.
PATIENCE = 60


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


def needs(*verbs):
    return unittest.skipIf(MISSING.intersection(verbs), "left out by configure")


def environment(scratch, **more):
    env = {k: v for k, v in os.environ.items()
           if k not in ("SOURCE_DATE_EPOCH", "NO_COLOR")
           and not k.lower().endswith("_proxy")}
    env.update({"XDG_CACHE_HOME": os.path.join(scratch, "xdg"), "TERM": "xterm"})
    env.update(more)
    return {k: v for k, v in env.items() if v is not None}


class Case(unittest.TestCase):
    """A scratch folder with a small site and its pack, s.edgepack."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.mkdtemp(prefix="cli-", dir=BUILD)
        cls.site = os.path.join(cls.scratch, "site")
        page = b"<!doctype html><p>" + b"a page of the site " * 60
        for name, content in {
                "index.html": page, "about.html": page + b"about",
                "docs/index.html": page + b"docs", "404.html": page + b"gone",
                "app.3f2a1b9c.js": b"console.log('x');\n" * 300,
                "data.bin": random.Random(1).randbytes(20000),
                "empty.txt": b"", "a b/\u00e9.txt": b"spaces"}.items():
            cls.put(content, "site", name)
        cls.pack = os.path.join(cls.scratch, "s.edgepack")
        cls.build_result = cls.command("build", cls.site, "-o", cls.pack)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.scratch)

    @classmethod
    def put(cls, content, *path):
        name = os.path.join(cls.scratch, *path)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "wb") as f:
            f.write(content)
        return name

    @classmethod
    def read(cls, name):
        with open(name, "rb") as f:
            return f.read()

    @classmethod
    def command(cls, *args, env={}, **more):
        p = subprocess.run([COMMAND, *args], capture_output=True,
                           stdin=subprocess.DEVNULL, timeout=PATIENCE,
                           env=environment(cls.scratch, **env),
                           cwd=cls.scratch, **more)
        if TROUBLE.search(p.stderr):
            raise AssertionError(p.stderr.decode("utf-8", "replace"))
        return Result(p.returncode, p.stdout, p.stderr)

    def expect(self, code, *args, says=None, **more):
        """Exits with code; an error is one line, and a hint at the most."""
        r = self.command(*args, **more)
        self.assertEqual(r.code, code, (args, r.out, r.err))
        if code not in (OK, DIFFERENT):
            self.assertEqual(r.out, b"", args)
            self.assertIn(len(r.err.splitlines()), (1, 2), r.err)
            self.assertRegex(r.err, rb"^edgestatic( \w+)?: error: ")
        if says is not None:
            self.assertRegex(r.out + r.err, says.encode(), args)
        return r

    def fresh(self, name):
        """A folder of this test's own."""
        path = os.path.join(self.scratch, self.id().split(".")[-1], name)
        os.makedirs(path)
        return path


class CommandLine(Case):
    def test_without_arguments_is_told_how(self):
        r = self.command()
        self.assertEqual((r.code, r.out), (USAGE, b""))
        self.assertIn(b"usage: edgestatic", r.err)

    def test_help_names_every_verb_and_exit_status(self):
        r = self.expect(OK, "--help")
        for verb in VERBS:
            self.assertRegex(r.out, rb"(?m)^  " + verb.encode() + rb" +\w")
        for code in range(5):
            self.assertRegex(r.out, rb"(?m)^  %d  \w" % code)

    def test_version(self):
        self.assertRegex(self.expect(OK, "--version").out,
                         rb"^edgestatic \d+\.\d+\.\d+\n$")

    def test_no_such_command(self):
        self.expect(USAGE, "frobnicate", says="no command `frobnicate'")
        self.expect(USAGE, "--frobnicate", "build", says="--frobnicate")

    def test_each_verb_has_help_with_options_and_examples(self):
        for verb in VERBS:
            for flag in "--help", "-h":
                r = self.expect(OK, verb, flag)
                for part in b"usage: edgestatic", b"\nOptions:\n", b"\nExamples:\n":
                    self.assertIn(part, r.out)
            for line in r.out.decode().splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_an_unknown_option_is_named(self):
        for verb, operands in VERBS.items():
            self.expect(USAGE, verb, *operands, "--frob", says="--frob\n")
            self.expect(USAGE, verb, *operands, "-Z", says="-Z\n")

    def test_a_missing_operand_is_named(self):
        for verb, operands in VERBS.items():
            self.expect(USAGE, verb, *operands[:-1], says="is missing")

    def test_an_operand_too_many_is_named(self):
        for verb, operands in VERBS.items():
            self.expect(USAGE, verb, *operands, *OPTIONAL.get(verb, []),
                        "surplus", says="surplus")

    def test_a_missing_value_is_asked_for(self):
        self.expect(USAGE, "build", "site", "-o", says="--output needs a value")
        self.expect(USAGE, "embed", "x", "--symbol", says="--symbol needs")

    def test_a_value_for_a_flag_is_refused(self):
        self.expect(USAGE, "ls", "s.edgepack", "--json=1", says="takes no value")

    def test_wrong_values(self):
        build = "build", "site", "-o", "never.edgepack"
        serve = "serve", "site"
        for args in [
                (*build, "--threads", "0"), (*build, "--threads", "two"),
                (*build, "--threads", "99999999999999999999"),
                (*build, "--html-handling", "maybe"), (*build, "--not-found", ""),
                (*build, "--cache-rule", "*.css"), (*build, "--cache-rule", "=x"),
                (*build, "--cache-rule", "*.css="), (*build, "--cache", ""),
                (*build, "--dialect", "apache"),
                (*build, "--keep", "7d"), (*build, "--keep", "0d"),
                (*build, "--previous", "s.edgepack", "--keep", "7"),
                (*serve, "--listen", "8080"), (*serve, "--listen", "::1:8080"),
                (*serve, "--listen", "127.0.0.1:65536"), (*serve, "--listen", ":1"),
                (*serve, "--listen", "127.0.0.1:"), (*serve, "--log", "apache"),
                ("get", "s.edgepack", "/", "-H", "no colon"),
                ("embed", "s.edgepack", "-o", "x.o", "--symbol", "1x"),
                ("embed", "s.edgepack", "-o", "x.o", "--symbol", ""),
                ("embed", "s.edgepack", "-o", "x.txt"), ("embed", "s.edgepack"),
                ("build", "site"), ("check", "ftp://x/", "s.edgepack"),
                ("check", "http://x/?q", "s.edgepack")]:
            with self.subTest(args=args):
                if args[0] in VERBS:
                    self.expect(USAGE, *args)
        self.assertFalse(os.path.exists(self.scratch + "/never.edgepack"))

    def test_a_cache_rule_that_is_no_field_value_is_refused(self):
        self.expect(INPUT, "build", "site", "-o", "never.edgepack",
                    "--cache-rule", "*.css=a\nb", says="cache-rule")

    @needs("serve")
    def test_options_of_build_are_refused_for_a_pack(self):
        self.expect(USAGE, "serve", "s.edgepack", "--fast", says="--fast")

    def test_two_dashes_end_the_options(self):
        self.expect(INPUT, "ls", "--", "--json", says="--json: No such file")

    def test_operands_may_stand_anywhere(self):
        env = {"POSIXLY_CORRECT": "1"}
        self.expect(OK, "get", self.pack, "-X", "HEAD", "/", env=env)
        self.expect(OK, "get", "-X", "HEAD", self.pack, "/", env=env)

    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "wb") as full:
            p = subprocess.run([COMMAND, "ls", self.pack], stdout=full,
                               stderr=subprocess.PIPE)
        self.assertEqual(p.returncode, INPUT)
        self.assertIn(b"No space left", p.stderr)

    def test_a_reader_that_goes_away_is_no_crash(self):
        read, write = os.pipe()
        os.close(read)
        p = subprocess.run([COMMAND, "ls", self.pack], stdout=write,
                           stderr=subprocess.PIPE)
        os.close(write)
        self.assertEqual((p.returncode, p.stderr), (-signal.SIGPIPE, b""))


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


class Terminal(Case):
    def on_terminal(self, *args, **env):
        primary, secondary = pty.openpty()
        p = subprocess.Popen([COMMAND, *args], stdout=secondary,
                             stderr=secondary, stdin=secondary,
                             cwd=self.scratch,
                             env=environment(self.scratch, **env))
        os.close(secondary)
        out = b""
        try:
            while chunk := os.read(primary, 65536):
                out += chunk
        except OSError:  # the other end was closed
            pass
        os.close(primary)
        return p.wait(PATIENCE), out

    def test_colour_on_a_terminal_only(self):
        self.assertIn(b"\033[31m", self.on_terminal("ls", "nowhere")[1])
        self.assertNotIn(b"\033", self.command("ls", "nowhere").err)
        self.assertNotIn(b"\033", self.command("ls", self.pack).out)

    def test_no_color(self):
        for env in {"NO_COLOR": "1"}, {"TERM": "dumb"}:
            self.assertNotIn(b"\033[31m", self.on_terminal("ls", "no", **env)[1])

    def test_a_bar_on_a_terminal(self):
        folder = self.fresh("text")
        for i in range(30):
            self.put(random.Random(i).randbytes(30000).hex().encode(), folder,
                     "%d.txt" % i)
        code, out = self.on_terminal("build", folder, "-o", "bar.edgepack",
                                     "--no-cache")
        self.assertEqual(code, OK)
        self.assertRegex(out, rb"\r\033\[Kpacking .*\d+% \d+ of 30 files")

    def test_binary_content_is_not_sent_to_a_terminal(self):
        code, out = self.on_terminal("get", self.pack, "/data.bin")
        self.assertEqual(code, OK)
        self.assertIn(b"redirect the output", out)
        self.assertLess(len(out), 2000)

    def test_names_cannot_drive_the_terminal(self):
        folder = self.fresh("evil")
        self.put(b"x", folder, "a\x1b[31mb.txt")
        r = self.command("build", folder, "-o", "evil.edgepack")
        self.assertNotIn(b"\x1b", r.out + r.err)
        if r.code == OK:
            r = self.expect(OK, "ls", "evil.edgepack", says=r"a\\x1b\[31mb")
            self.assertNotIn(b"\x1b", r.out)


class Look(Case):
    """ls, get and explain."""

    def test_ls(self):
        r = self.expect(OK, "ls", self.pack)
        lines = r.out.decode().splitlines()
        self.assertEqual(lines[0].split(),
                         "identity gzip br zstd hash type path".split())
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
                    says="nearest 404 page")
        self.expect(OK, "explain", self.pack, "/about.html", says="spelling")
        self.expect(OK, "explain", self.pack, "/about",
                    says="br +0.000 .* there is no Accept-Encoding")
        r = self.expect(OK, "explain", self.pack, "/about", "-H",
                        "Accept-Encoding: *;q=0", says="status +406")
        self.assertEqual(r.out.count(b"refused by Accept-Encoding"), 4)
        self.expect(OK, "explain", self.pack, "/", "-X", "PUT", says="405")


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


class Server:
    """`edgestatic serve ... --listen 127.0.0.1:0`, listening."""

    def __init__(self, scratch, *args, stdout=subprocess.DEVNULL):
        self.process = subprocess.Popen(
            [COMMAND, "serve", *args, "--listen", "127.0.0.1:0"],
            stdout=stdout, stderr=subprocess.PIPE, cwd=scratch,
            env=environment(scratch))
        self.said = b""
        self.port = int(self.wait(rb"http://127\.0\.0\.1:(\d+)/").group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def wait(self, pattern):
        """Until it has said so on standard error; what was said is eaten."""
        end = time.monotonic() + PATIENCE
        while not (match := re.search(pattern, self.said)):
            ready, _, _ = select.select([self.process.stderr], [], [],
                                        max(0, end - time.monotonic()))
            chunk = os.read(self.process.stderr.fileno(), 4096) if ready else b""
            if not chunk:
                raise AssertionError((pattern, self.said))
            self.said += chunk
        self.said = self.said[match.end():]
        return match

    def get(self, target, **fields):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        c.request("GET", target, headers=fields)
        r = c.getresponse()
        body = r.read()
        c.close()
        return r.status, body

    def stop(self, sig=signal.SIGTERM):
        """Returns (exit status, what it said)."""
        self.process.send_signal(sig)
        out, err = self.process.communicate(timeout=PATIENCE)
        if TROUBLE.search(err):
            raise AssertionError(err.decode("utf-8", "replace"))
        return self.process.returncode, self.said + err, out


@needs("serve")
class Serve(Case):
    def server(self, *args, **more):
        server = Server(self.scratch, *args, **more)
        self.addCleanup(server.__exit__)
        return server

    def test_pack_and_folder_answer_alike(self):
        for source in self.pack, self.site:
            s = self.server(source)
            self.assertEqual(s.get("/data.bin"),
                             (200, self.read(self.site + "/data.bin")))
            self.assertEqual(s.get("/nowhere")[0], 404)
            for sig in signal.SIGTERM,:
                code, said, _ = s.stop(sig)
                self.assertEqual(code, OK)
                self.assertIn(b"stopped", said)

    def test_interrupt_ends_it_with_success(self):
        self.assertEqual(self.server(self.pack).stop(signal.SIGINT)[0], OK)

    def test_port_in_use(self):
        s = self.server(self.pack)
        for source in self.pack, self.site:
            r = self.command("serve", source, "--listen",
                             "127.0.0.1:%d" % s.port)
            self.assertEqual(r.code, NETWORK)
            self.assertIn(b"port %d: another program listens" % s.port, r.err)

    def test_an_address_that_is_not_ours(self):
        for listen in "192.0.2.1:8080", "example:8080", "[2001:db8::1]:8080":
            self.expect(NETWORK, "serve", self.pack, "--listen", listen,
                        says="cannot listen on")

    def test_a_running_answer_is_finished_on_sigterm(self):
        big = self.put(random.Random(5).randbytes(30_000_000), "big/big.bin")
        s = self.server(os.path.dirname(big), "--fast")
        with socket.create_connection(("127.0.0.1", s.port)) as c:
            c.sendall(b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
            got = c.recv(1000)
            s.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            while chunk := c.recv(1 << 20):
                got += chunk
                if len(got) > 30_000_000 + 100 and got.endswith(
                        self.tail(big)):
                    break
        self.assertTrue(got.endswith(self.tail(big)))
        self.assertEqual(s.process.wait(PATIENCE), OK)

    def tail(self, name):
        return self.read(name)[-1000:]

    def test_logs(self):
        s = self.server(self.pack, "--log", "common", stdout=subprocess.PIPE)
        s.get('/about?"x')
        s.get("/nowhere")
        # Two connections may be two threads: their lines come in any order.
        lines = s.stop()[2].decode().splitlines()
        self.assertEqual(len(lines), 2)
        lines.sort(key=lambda line: "nowhere" in line)
        self.assertRegex(lines[0], r'^127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:'
                         r'\d\d:\d\d:\d\d \+0000\] "GET /about\?\\x22x '
                         r'HTTP/1\.1" 200 \d+$')
        self.assertIn(" 404 ", lines[1])
        s = self.server(self.pack, "--log", "json", stdout=subprocess.PIPE)
        s.get('/about?"\\', **{"User-Agent": "caf\u00e9"})
        entry = json.loads(s.stop()[2])
        self.assertEqual((entry["status"], entry["target"], entry["method"]),
                         (200, '/about?"\\', "GET"))
        self.assertEqual(entry["user_agent"], "caf\ufffd")

    def test_no_log_without_asking(self):
        s = self.server(self.pack, stdout=subprocess.PIPE)
        s.get("/")
        self.assertEqual(s.stop()[2], b"")

    def other_pack(self, text):
        folder = self.fresh("other-%d" % random.getrandbits(30))
        self.put(text, folder, "index.html")
        name = folder + ".edgepack"
        self.expect(OK, "build", folder, "-o", name, "-q")
        return name

    def test_hangup_reads_the_pack_again(self):
        name = os.path.join(self.fresh("live"), "live.edgepack")
        shutil.copy(self.pack, name)
        s = self.server(name)
        os.rename(self.other_pack(b"second"), name)
        s.process.send_signal(signal.SIGHUP)
        s.wait(b"now serving the new")
        self.assertEqual(s.get("/"), (200, b"second"))
        s.process.send_signal(signal.SIGHUP)
        s.wait(b"nothing has changed")
        # A damaged pack changes nothing.
        broken = self.put(b"broken", "broken.edgepack")
        os.rename(broken, name)
        s.process.send_signal(signal.SIGHUP)
        s.wait(b"still serving")
        self.assertEqual(s.get("/"), (200, b"second"))
        self.assertEqual(s.stop()[0], OK)

    def test_watch_follows_a_pack(self):
        name = os.path.join(self.fresh("live"), "live.edgepack")
        shutil.copy(self.pack, name)
        s = self.server(name, "--watch")
        os.rename(self.other_pack(b"third"), name)
        s.wait(b"now serving the new")
        self.assertEqual(s.get("/"), (200, b"third"))
        self.assertEqual(s.stop()[0], OK)

    def test_watch_follows_a_folder(self):
        folder = self.fresh("site")
        self.put(b"one", folder, "index.html")
        s = self.server(folder, "--watch", "--fast")
        self.put(b"two", folder, "index.html")
        s.wait(b"now serving the new")
        self.assertEqual(s.get("/"), (200, b"two"))
        # In a folder that is new; and a file in that later on.
        self.put(b"deep", folder, "new/deep/a.txt")
        s.wait(b"now serving the new")
        self.put(b"deeper", folder, "new/deep/b.txt")
        s.wait(b"now serving the new")
        self.assertEqual(s.get("/new/deep/b.txt"), (200, b"deeper"))
        os.unlink(folder + "/new/deep/b.txt")
        s.wait(b"now serving the new")
        self.assertEqual(s.get("/new/deep/b.txt")[0], 404)
        self.assertEqual(s.stop()[0], OK)

    def test_watch_keeps_the_old_site_when_a_build_fails(self):
        folder = self.fresh("site")
        self.put(b"one", folder, "index.html")
        s = self.server(folder, "--watch", "--fast")
        os.symlink("/etc/passwd", folder + "/out")
        s.wait(b"still serving")
        self.assertEqual(s.get("/"), (200, b"one"))
        os.unlink(folder + "/out")
        s.wait(b"nothing has changed")
        self.assertEqual(s.stop()[0], OK)

    def test_watch_waits_for_a_folder_that_is_written_anew(self):
        folder = self.fresh("site")
        self.put(b"one", folder, "index.html")
        s = self.server(folder, "--watch", "--fast")
        shutil.rmtree(folder)
        s.wait(b"has gone")
        self.assertEqual(s.get("/"), (200, b"one"))
        self.put(b"again", folder, "index.html")
        s.wait(b"now serving the new")
        self.assertEqual(s.get("/"), (200, b"again"))
        self.assertEqual(s.stop()[0], OK)

    def test_no_request_is_dropped_while_packs_are_swapped(self):
        folder = self.fresh("site")
        page = b"<p>release %d</p>" + b"x" * 50000
        self.put(page % 0, folder, "index.html")
        s = self.server(folder, "--watch", "--fast", "--threads", "2")
        seen, wrong, stop = set(), [], threading.Event()

        def hammer():
            c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=PATIENCE)
            while not stop.is_set():
                try:
                    c.request("GET", "/", headers={"Accept-Encoding": "identity"})
                    r = c.getresponse()
                    body = r.read()
                    release = re.match(rb"<p>release (\d+)</p>x{50000}$", body)
                    if r.status != 200 or not release:
                        wrong.append((r.status, body[:100]))
                    else:
                        seen.add(int(release.group(1)))
                except (OSError, http.client.HTTPException) as e:
                    wrong.append(repr(e))
                    c.close()
            c.close()

        threads = [threading.Thread(target=hammer) for _ in range(4)]
        for t in threads:
            t.start()
        for release in range(1, 9):
            with open(folder + "/.next", "wb") as f:
                f.write(page % release)
            os.rename(folder + "/.next", folder + "/index.html")
            s.wait(b"now serving the new")
            time.sleep(0.05)
        stop.set()
        for t in threads:
            t.join()
        self.assertEqual(wrong, [])
        self.assertEqual(seen, set(range(9)))
        self.assertEqual(s.stop()[0], OK)


@needs("serve", "check")
class Check(Case):
    def test_a_server_of_the_pack_is_good(self):
        for source in self.pack, self.site:
            with Server(self.scratch, source) as s:
                base = "http://127.0.0.1:%d/" % s.port
                self.expect(OK, "check", base, self.pack, says="^good: ")
                r = self.expect(OK, "check", "-q", base, self.pack)
                self.assertEqual(r.out, b"")

    def test_each_mode_and_a_single_page_app(self):
        for more in (["--html-handling", "none"], ["--html-handling", "force"],
                     ["--not-found", "spa"]):
            self.expect(OK, "build", "site", "-o", "mode.edgepack", "-q", *more)
            with Server(self.scratch, "mode.edgepack") as s:
                self.expect(OK, "check", "http://127.0.0.1:%d" % s.port,
                            "mode.edgepack")

    def test_differences_are_told_one_by_one(self):
        folder = self.fresh("other")
        shutil.copytree(self.site, folder, dirs_exist_ok=True)
        self.put(b"spaced", folder, "a b/\u00e9.txt")
        os.unlink(folder + "/empty.txt")
        self.put(random.Random(9).randbytes(20000), folder, "data.bin")
        self.expect(OK, "build", folder, "-o", "other.edgepack", "-q",
                    "--cache-rule", "about.html=max-age=3")
        with Server(self.scratch, "other.edgepack") as s:
            r = self.expect(DIFFERENT, "check",
                            "http://127.0.0.1:%d/" % s.port, self.pack)
        out = r.out.decode()
        self.assertRegex(out, r"(?m)^/a b/\u00e9.txt \(identity\): ETag is")
        self.assertRegex(out, r"(?m)^/a b/\u00e9.txt \(identity\): the content")
        self.assertRegex(out, r"(?m)^/empty.txt \(identity\): the status is 404")
        self.assertRegex(out, r"(?m)^/data.bin .*revalidated\): the status is 200"
                         ", should be 304")
        self.assertRegex(out, r"(?m)^/about \(br\): Cache-Control is 'max-age=3'"
                         ", should be 'no-cache'")
        self.assertNotIn("/docs/", out)

    def test_no_server(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            self.expect(NETWORK, "check", "http://127.0.0.1:%d/" %
                        unused.getsockname()[1], self.pack, says="connect")


def main(module=sys.modules[__name__]):
    loader = unittest.defaultTestLoader
    loader.testNamePatterns = ["*%s*" % a for a in sys.argv[1:]] or None
    suite = loader.loadTestsFromModule(module)
    result = unittest.TextTestRunner(
        stream=sys.stdout, verbosity=2 if sys.argv[1:] else 1).run(suite)
    failed = len(result.failures) + len(result.errors)
    passed = result.testsRun - failed - len(result.skipped)
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
