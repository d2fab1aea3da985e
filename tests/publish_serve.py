#!/usr/bin/env python3
"""tests/publish_serve.py: `edgestatic publish --serve`: a host on this machine.

Run by `make check` in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import json, os, shutil, signal, socket, subprocess, sys, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import COMMAND, NETWORK, USAGE, environment
import publishing
from publishing import GUESTS, Publish, needs_tool


class Serve(Publish):
    def serve(self, target, *args, path=None):
        """Runs --serve until it answers; gives the process and its URL."""
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        env = environment(self.scratch, HOME=self.scratch,
                          PATH=path or os.environ["PATH"])
        p = subprocess.Popen(
            [COMMAND, "publish", self.pack, "-t", target, "-o", self.out,
             "--guests", GUESTS, "--serve", "-l", "127.0.0.1:%d" % port, *args],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
        self.addCleanup(lambda: p.poll() is not None or p.kill())
        url = b"http://127.0.0.1:%d/" % port
        while True:
            line = p.stderr.readline()
            self.assertNotEqual(line, b"", "%s ended" % target)
            if line == b"serving at %s until Ctrl-C\n" % url:
                return p, url.decode()

    def serves(self, target, *args):
        p, url = self.serve(target, *args)
        with urllib.request.urlopen(url + "about") as reply:
            self.assertEqual(reply.read(),
                             self.read(os.path.join(self.site, "about.html")))
        p.send_signal(signal.SIGINT)
        p.communicate(timeout=30)
        self.assertIn(p.returncode, (0, 130), target)
        with self.assertRaises(OSError):
            urllib.request.urlopen(url)

    @needs_tool("viceroy")
    def test_fastly(self):
        self.serves("fastly")

    @needs_tool("wasmtime")
    def test_wasi_http(self):
        self.serves("wasi-http")

    @needs_tool("wasmtime")
    def test_wasi_http_p3(self):
        self.serves("wasi-http-p3")

    @needs_tool("wasmtime")
    def test_oci(self):
        self.serves("oci")

    @needs_tool("workerd")
    def test_workers(self):
        self.serves("workers")

    @needs_tool("node")
    def test_node(self):
        self.serves("node")

    @needs_tool("wasmtime")
    def test_a_module_alone(self):
        self.out = os.path.join(self.scratch, "alone.wasm")
        self.serves("wasi-http")

    def test_a_missing_tool_is_told_after_everything_is_written(self):
        for target, tool in (("fastly", "viceroy"), ("workers", "workerd"),
                             ("wasi-http", "wasmtime"), ("node", "node")):
            self.out = os.path.join(self.scratch, "missing-" + target)
            r = self.command("publish", self.pack, "-t", target, "-o", self.out,
                             "--guests", GUESTS, "-q", "--serve", "-l",
                             "127.0.0.1:0", env={"PATH": "/nowhere"})
            self.assertEqual(r.code, USAGE)
            self.assertRegex(r.err.decode(), "error: %s is not installed.*\n"
                             "install it: [a-z-]+ install .*%s" % (tool, tool))
            self.assertTrue(os.path.exists(self.out))

    def test_a_command_is_not_served(self):
        self.publish("cgi", "--serve", code=USAGE, says="nothing serves a CGI")
        self.nothing_written()

    def test_a_port_that_is_taken_is_told_before_anything_is_written(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            self.publish("node", "--serve", "-l",
                         "127.0.0.1:%d" % s.getsockname()[1], code=NETWORK,
                         says="Address already in use")
        self.nothing_written()

    def fake(self, script):
        """A folder for PATH with a `viceroy' of our own."""
        folder = self.fresh("bin")
        tool = self.put(b"#!/bin/sh\n" + script.encode(), folder, "viceroy")
        os.chmod(tool, 0o755)
        return folder + ":/usr/bin:/bin"

    def test_the_exit_status_is_the_tools(self):
        for script, code in ("exit 7", 7), ("kill -KILL $$", 137):
            r = self.command("publish", self.pack, "-t", "fastly", "-o",
                             self.out, "--guests", GUESTS, "-q", "--serve",
                             "-l", "127.0.0.1:0",
                             env={"PATH": self.fake(script)})
            self.assertEqual(r.code, code)
            self.assertIn(b"viceroy ended before it answered", r.err)
            shutil.rmtree(os.path.join(os.path.dirname(self.out), "bin"))

    def test_the_tool_gets_its_words_and_no_standard_output(self):
        r = self.command("publish", self.pack, "-t", "fastly", "-o", self.out,
                         "--guests", GUESTS, "--json", "--serve", "-l",
                         "[::1]:0", env={"PATH": self.fake(
                             'echo "$PWD: $*"; exit 0')})
        json.loads(r.out)
        self.assertRegex(r.err.decode(), r"(?m)^%s: serve --addr \[::1\]:\d+ "
                         "bin/main.wasm$" % os.path.realpath(self.out))


if __name__ == "__main__":
    sys.exit(publishing.main(sys.modules[__name__]))
