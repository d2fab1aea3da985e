"""tests/cli.py: runs the command for the tests, and its server.

BUILD names the build folder; without it that is the current one.
SPDX-License-Identifier: MIT
"""
import http.client, os, random, re, select, shutil, signal, subprocess, sys
import tempfile, time, unittest

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


def prose(size):
    """Text of which each coding makes less: gzip, zstd, then br."""
    chance = random.Random(1)
    words = ["".join(chance.choices("etaoinshrdlu", k=chance.randrange(2, 9)))
             for _ in range(900)]
    text = ""
    while len(text) < size:
        text += " ".join(words[int(900 * chance.random() ** 3)]
                         for _ in range(12)) + "\n"
    return text[:size]


def main(module):
    """Runs the tests of a module; those that arguments name a part of."""
    loader = unittest.defaultTestLoader
    loader.testNamePatterns = ["*%s*" % a for a in sys.argv[1:]] or None
    suite = loader.loadTestsFromModule(module)
    result = unittest.TextTestRunner(
        stream=sys.stdout, verbosity=2 if sys.argv[1:] else 1).run(suite)
    failed = len(result.failures) + len(result.errors)
    passed = result.testsRun - failed - len(result.skipped)
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0
