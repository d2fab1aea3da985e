"""Starts the command under test for the Python tests, and stops it.

BUILD names the build folder (build/check without it).  Every process must end
with status 0 and without a word from a sanitizer.
SPDX-License-Identifier: MIT
"""
import os, re, shutil, signal, socket, subprocess, tempfile, time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build/check"))
COMMAND = os.path.join(BUILD, "edgestatic")
TROUBLE = re.compile(rb"Sanitizer|runtime error:|Assertion .* failed")


def scratch(name):
    """A new, empty folder below the build folder."""
    path = os.path.join(BUILD, "scratch", name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Died(Exception):
    pass


def run(*args):
    """Runs `edgestatic ARGS`; returns (output, peak memory in KiB, seconds)."""
    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        process = subprocess.Popen([COMMAND, *args], stdout=out,
                                   stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        out.seek(0)
        text = out.read()
    if process.returncode or TROUBLE.search(text):
        raise Died("edgestatic %s: status %d\n%s" % (
            " ".join(args), process.returncode, text.decode("utf-8", "replace")))
    return text.decode("utf-8", "replace"), usage.ru_maxrss, seconds


class Server:
    """`edgestatic serve SOURCE OPTIONS...` on a port of 127.0.0.1."""

    def __init__(self, source, *options, port=None):
        self.port = port or free_port()
        self.start([COMMAND, "serve", source, "--listen",
                    "127.0.0.1:%d" % self.port, *options])

    def start(self, command, patience=60):
        """Runs a server that listens on self.port, and waits until it does."""
        self.base = "http://127.0.0.1:%d" % self.port
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self.out,
            stderr=subprocess.STDOUT)
        self.wait(patience)

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Died("the server ended with %d\n%s" % (
                    self.process.returncode, self.text()))
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        self.process.kill()
        raise Died("no answer on port %d\n%s" % (self.port, self.text()))

    def text(self):
        self.out.seek(0)
        return self.out.read().decode("utf-8", "replace")

    def memory(self):
        """What is resident: the rest beyond its own are pages of the pack."""
        with open("/proc/%d/status" % self.process.pid) as f:
            text = f.read()
        every, own = (int(re.search(r"%s:\s*(\d+)" % k, text).group(1)) / 1024
                      for k in ("VmRSS", "RssAnon"))
        return "resident %.1f MB, its own %.1f MB" % (every, own)

    def stop(self):
        """Asks it to end; raises Died when it does not do so cleanly."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Died("does not end 30 s after SIGTERM\n" + self.text())
        if status or TROUBLE.search(self.text().encode()):
            raise Died("ended with %d\n%s" % (status, self.text()))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        elif self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Count:
    """Counts tests and tells the failed ones."""

    def __init__(self):
        self.passed = self.failed = 0

    def test(self, ok, what):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print("FAIL " + what)
        return ok

    def end(self):
        print("%d passed, %d failed" % (self.passed, self.failed), flush=True)
        raise SystemExit(1 if self.failed else 0)
