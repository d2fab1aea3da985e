#!/usr/bin/env python3
"""tests/publish_refusals.py: what `edgestatic publish` refuses, and that it
leaves nothing behind then, nor when it is killed.

Run by `make check` in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import os, resource, shutil, signal, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import COMMAND, INPUT, OK, USAGE, environment
import publishing
from publishing import FILES, GUESTS, TARGETS, Publish, tree


class Refusals(Publish):
    def test_a_target_is_needed_and_known(self):
        self.expect(USAGE, "publish", self.pack, says="--target is missing\n"
                    "one of fastly, wasi-http, wasi-http-p3, cgi")
        self.publish("netlify", code=USAGE, says="netlify: there is no such")

    def test_a_bad_name(self):
        for name in "A", "", "a_b", "../x", "1a", "a" * 64:
            self.publish("cgi", "--name", name, code=USAGE, says="--name")
        self.nothing_written()

    def test_a_missing_or_foreign_pack(self):
        self.publish("cgi", source="no.edgepack", code=INPUT, says="No such")
        bad = self.put(b"hello", "bad.edgepack")
        self.publish("cgi", source=bad, code=INPUT, says="not an edgestatic")
        self.nothing_written()

    def test_no_guests(self):
        empty = self.fresh("none")
        for target in TARGETS:
            self.publish(target, "--guests", empty, code=INPUT,
                         says="cannot read .*wasm: No such file")
        self.nothing_written()

    def test_a_foreign_or_damaged_guest(self):
        bad = self.fresh("guests")
        good = self.read(os.path.join(GUESTS, "cgi.wasm"))
        site = os.path.join(self.scratch, "a-site.wasm")
        self.publish("cgi", "-o", site)
        for content, says in ((b"hello", "not an edgestatic guest"),
                              (b"\0asm\1\0\0\0", "not an edgestatic guest"),
                              (good[:2000], "not an edgestatic guest"),
                              (good[:2000] + b"?" + good[2001:], "damaged"),
                              (self.read(site), "published site already"),
                              (self.read(os.path.join(GUESTS, "fastly.wasm")),
                               "a guest for fastly, not for cgi")):
            self.put(content, bad, "cgi.wasm")
            self.publish("cgi", "--guests", bad, code=INPUT, says=says)
            self.nothing_written()

    def test_a_missing_script(self):
        part = self.fresh("guests")
        shutil.copy(os.path.join(GUESTS, "workers.wasm"), part)
        self.publish("workers", "--guests", part, code=INPUT,
                     says="cannot read .*edgestatic.d.mts")
        self.nothing_written()

    def test_a_script_that_is_far_too_large(self):
        part = self.fresh("guests")
        shutil.copy(os.path.join(GUESTS, "workers.wasm"), part)
        with open(os.path.join(part, "edgestatic.d.mts"), "wb") as f:
            f.truncate(1 << 40)
        self.publish("workers", "--guests", part, code=INPUT,
                     says="larger than any script")
        self.nothing_written()

    def test_a_folder_that_holds_something_else(self):
        self.put(b"x", self.out, "thesis.tex")
        for target in TARGETS:
            self.publish(target, code=INPUT,
                         says="holds something else: thesis.tex")
        self.assertEqual(tree(self.out), {"thesis.tex": b"x"})
        self.publish("cgi", "--force")
        self.assertIn("thesis.tex", tree(self.out))

    def test_a_folder_of_another_target(self):
        self.publish("cgi")
        self.publish("workers", code=INPUT, says="for cgi, not for workers")

    def test_a_changed_artefact(self):
        self.publish("workers")
        self.put(b"// mine", self.out, "worker.mjs")
        self.publish("workers", code=INPUT, says="worker.mjs was not written")
        self.assertEqual(tree(self.out)["worker.mjs"], b"// mine")
        self.publish("workers", "--force")

    def test_the_output_is_a_file(self):
        file = self.put(b"x", "plain")
        self.publish("cgi", "-o", file, code=INPUT, says="is a file")
        self.assertEqual(self.read(file), b"x")

    def test_the_output_lies_in_the_site(self):
        for out in "", "deploy", "docs/deploy":
            self.publish("cgi", "-o", os.path.join(self.site, out),
                         source=self.site, code=INPUT,
                         says="would be published with it")
        r = self.command("publish", ".", "-t", "cgi", "--guests", GUESTS)
        self.assertEqual(r.code, INPUT)
        self.publish("cgi", "-o", os.path.join(self.site, ".deploy"),
                     source=self.site)
        shutil.rmtree(os.path.join(self.site, ".deploy"))

    def test_what_is_no_file_is_not_waited_for(self):
        os.makedirs(self.out)
        for name in "fastly.toml", ".edgestatic":
            os.mkfifo(os.path.join(self.out, name))
            self.publish("fastly", code=INPUT, says=name + " is no text file")
            os.unlink(os.path.join(self.out, name))

    def disk_is_full(self, limit, target, *args, **more):
        """Publishes where no file can have more than so many bytes."""
        # gcov and ThreadSanitizer write, too, and are not meant: the one is
        # quiet about it, the other is not ended by a signal before `main'.
        env = dict(GCOV_PREFIX=self.scratch, GCOV_ERROR_FILE=os.devnull)
        self.publish(target, "-q", *args, code=INPUT, says="cannot write",
                     env=env, restore_signals=False,
                     preexec_fn=lambda: resource.setrlimit(
                         resource.RLIMIT_FSIZE, (limit, limit)), **more)

    def test_missing_parents_are_made_and_go_again_when_it_fails(self):
        top = self.fresh("top")
        for out in "a/b/out", "c/d/x.wasm":
            self.disk_is_full(4096, "cgi", "-o", os.path.join(top, out))
            self.assertEqual(os.listdir(top), [])
        for out in "a/b/out/.", "c/d/x.wasm":
            for i in range(2):
                self.publish("cgi", "-o", os.path.join(top, out))
        self.assertEqual(sorted(tree(top)), [
            "a/b/out/.edgestatic", "a/b/out/blog.wasm", "c/d/x.wasm"])

    def test_missing_parents_are_made_for_nothing_that_is_refused(self):
        self.publish("cgi", "-o", "no/../out", code=INPUT, says="cannot make")
        self.publish("cgi", "-o", os.path.join(self.site, "no/such/./out"),
                     source=self.site, code=INPUT,
                     says="would be published with it")
        self.publish("cgi", "-o", "no/such/out", "--guests", "/nowhere",
                     code=INPUT, says="cannot read")
        self.assertFalse(os.path.exists(os.path.join(self.scratch, "no")))

    def test_a_full_disk(self):
        """Writes fail from some byte on, as on a disk that is full."""
        self.publish("fastly")
        before = tree(self.out)
        other = self.put(os.urandom(200000), "big-site", "index.html")
        pack = os.path.join(self.scratch, "big.edgepack")
        self.command("build", os.path.dirname(other), "-o", pack)
        for limit in 0, 4096, 100000, 200000:
            self.disk_is_full(limit, "fastly", source=pack)
            self.assertEqual(tree(self.out), before)

    def limited(self, target, what, size):
        """A site of a file of so many bytes that nothing compresses."""
        folder = self.fresh("site")
        with open("/dev/urandom", "rb") as f:
            self.put(f.read(size), folder, "index.html")
        r = self.command("publish", folder, "-t", target, "--guests", GUESTS,
                         "-o", self.out, "--fast", "--no-cache")
        return r, r.err.decode()

    def test_more_than_a_host_takes(self):
        r, err = self.limited("workers", "package", 68000000)
        self.assertEqual(r.code, INPUT)
        self.assertRegex(err, "error: package: 68.* takes 67.1 MB "
                         r"\(developers.cloudflare.com/.*, 2026-09-04\)\n.*"
                         "static assets")
        self.assertIn("##########", r.out.decode())
        self.nothing_written()

    def test_near_what_a_host_takes(self):
        r, err = self.limited("fastly", "package", 85000000)
        self.assertEqual(r.code, OK)
        self.assertRegex(err, "warning: package: 85.* takes 100 MB")

    def test_killed_at_any_moment(self):
        self.publish("workers")
        other = self.put(b"other", "killed-site", "index.html")
        packs = [self.pack, os.path.join(self.scratch, "killed.edgepack")]
        self.command("build", os.path.dirname(other), "-o", packs[1])
        for i in range(40):
            p = subprocess.Popen(
                [COMMAND, "publish", packs[i % 2], "-t", "workers", "-q", "-o",
                 self.out, "--guests", GUESTS],
                env=environment(self.scratch), stderr=subprocess.DEVNULL)
            time.sleep(0.0005 * i)
            p.kill()
            p.wait()
            self.assertIn(tree(self.out)["site.edgepack"],
                          [self.read(pack) for pack in packs])
        self.publish("workers", source=packs[1])
        self.assertEqual(sorted(tree(self.out)),
                         sorted([".edgestatic", *FILES["workers"].split()]))

    def test_an_interrupt_while_packing(self):
        folder = self.fresh("site")
        for i in range(40):
            self.put(b"%d" % i * 300000, folder, "%d.txt" % i)
        p = subprocess.Popen([COMMAND, "publish", folder, "-t", "cgi",
                              "--no-cache", "--threads", "1", "-o", self.out,
                              "--guests", GUESTS], stderr=subprocess.PIPE,
                             env=environment(self.scratch))
        time.sleep(1)
        p.send_signal(signal.SIGINT)
        err = p.communicate(timeout=60)[1]
        self.assertEqual(p.returncode, -signal.SIGINT, err)
        self.assertIn(b"interrupted", err)
        self.nothing_written()


if __name__ == "__main__":
    sys.exit(publishing.main(sys.modules[__name__]))
