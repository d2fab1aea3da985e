"""tests/publishing.py: what the tests of `edgestatic publish` share.

A tool that is not on PATH skips its tests, but with NEED_TOOLS=1 fails them.
SPDX-License-Identifier: MIT
"""
import os, shutil, unittest

import cli
from cli import OK

GUESTS = next((d for d in (os.path.join(cli.BUILD, "guests"),
                           os.path.join(os.path.dirname(os.path.abspath(
                               __file__)), "..", "guests"))
               if os.path.exists(os.path.join(d, "cgi.wasm"))), None)
MODULES = {"fastly": "bin/main.wasm", "wasi-http": "blog.wasm",
           "wasi-http-p3": "blog.wasm", "cgi": "blog.wasm"}
FILES = {
    "fastly": "bin/main.wasm fastly.toml pkg/blog.tar.gz",
    "wasi-http": "blog.wasm spin.toml",
    "wasi-http-p3": "blog.wasm",
    "cgi": "blog.wasm",
    "workers": "config.capnp edgestatic.d.mts edgestatic.mjs site.edgepack "
               "worker.mjs workers.wasm wrangler.jsonc",
    "node": "edgestatic.d.mts edgestatic.mjs lambda-edge.mjs package.json "
            "server.mjs service-worker.mjs site.edgepack workers.wasm",
}
TARGETS = [*FILES, "oci"]


def needs_tool(name):
    if shutil.which(name) or os.environ.get("NEED_TOOLS"):
        return lambda test: test
    return unittest.skip("%s is not on PATH" % name)


def tree(folder):
    """Names and contents of all files."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, folder)] = f.read()
    return found


class Publish(cli.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A project whose folder says how the site is called.
        cls.project = os.path.join(cls.scratch, "blog")
        os.makedirs(cls.project)
        os.rename(cls.site, os.path.join(cls.project, "public"))
        cls.site = os.path.join(cls.project, "public")
        cls.pack = os.path.join(cls.scratch, "blog.edgepack")
        cls.command("build", cls.site, "-o", cls.pack)

    def setUp(self):
        self.out = os.path.join(self.fresh(""), "out")

    def publish(self, target, *args, code=OK, source=None, **more):
        """Into self.out, from the pack."""
        if "-o" not in args:
            args = ("-o", self.out, *args)
        if "--guests" not in args:
            args = ("--guests", GUESTS, *args)
        return self.expect(code, "publish", source or self.pack, "-t", target,
                           *args, **more)

    def nothing_written(self):
        left = os.listdir(os.path.dirname(self.out))
        self.assertEqual([n for n in left if n.startswith("out")], [])


def main(module):
    if "publish" in cli.MISSING or not GUESTS:
        print("skipped: no `publish' here, or no guests")
        return 77
    return cli.main(module)
