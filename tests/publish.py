#!/usr/bin/env python3
"""tests/publish.py: `edgestatic publish`: what it writes for each host, what it
refuses, what it leaves behind, and the hosts' own tools on the results.

Run by `make check` in the build folder; BUILD names another one.  A tool that
is not on PATH skips its tests, but with NEED_TOOLS=1 fails them.
SPDX-License-Identifier: MIT
"""
import gzip, hashlib, io, json, os, resource, shlex, shutil, signal, socket
import subprocess, sys, tarfile, time, tomllib, unittest, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli
from cli import COMMAND, INPUT, NETWORK, OK, USAGE, environment

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


class Output(Publish):
    def test_each_target_writes_its_files(self):
        for target, names in FILES.items():
            self.out = os.path.join(self.scratch, "files-" + target)
            r = self.publish(target)
            self.assertEqual(sorted(tree(self.out)),
                             sorted([".edgestatic", *names.split()]))
            self.assertIn(b"next: ", r.out)
            self.assertRegex(r.out, rb"limits as in .*\nno limit is known of: "
                             rb"(module|code) \([\d.]+ kB\), ")
            for line in r.out.decode().splitlines():
                if not line.startswith("next: "):
                    self.assertEqual(line, line.rstrip())

    def test_a_folder_and_its_pack_give_the_same(self):
        for target in TARGETS:
            a = os.path.join(self.scratch, "same-a-" + target)
            b = os.path.join(self.scratch, "same-b-" + target)
            self.publish(target, "-o", a, "-q")
            self.publish(target, "-o", b, "-q", source=self.site)
            x, y = tree(a), tree(b)
            for files in x, y: # how to publish anew, which names the source
                for name in "fastly.toml", "pkg/blog.tar.gz", ".edgestatic":
                    files.pop(name, None)
            self.assertEqual(x, y)

    def test_rules_are_read_as_the_host_does(self):
        site = self.fresh("site")
        name = os.path.relpath(site, self.scratch)
        self.put(b"a", name, "gone.html")
        self.put(b"/x /gone.html 410\n", name, "_redirects")
        self.publish("workers", source=site, code=INPUT,
                     says="_redirects:1:15: .*301, 302")
        self.nothing_written()
        self.publish("workers", "--dialect", "netlify", source=site)
        self.publish("node", "-o", self.out + "-node", source=site)

    def test_again_changes_nothing(self):
        for target in TARGETS:
            out = os.path.join(self.scratch, "again-" + target)
            self.publish(target, "-o", out)
            before = tree(out)
            r = self.publish(target, "-o", out)
            self.assertNotIn(b"written", r.out)
            self.assertIn(b"unchanged", r.out)
            self.assertEqual(tree(out), before)

    def test_the_default_folder_has_the_hosts_name(self):
        r = self.command("publish", self.pack, "-t", "cgi", "--guests", GUESTS)
        self.assertEqual(r.code, OK)
        self.assertTrue(os.path.exists(os.path.join(
            self.scratch, "edgestatic-cgi", "blog.wasm")))

    def test_a_slash_at_the_end_is_nothing(self):
        for i in range(2):
            self.publish("cgi", "-o", self.out + "//")
        self.assertEqual(sorted(tree(self.out)), [".edgestatic", "blog.wasm"])

    def test_a_module_alone(self):
        for target, name in MODULES.items():
            file = os.path.join(self.scratch, "one-%s.wasm" % target)
            self.publish(target, "-q")
            self.publish(target, "-o", file)
            self.assertEqual(self.read(file),
                             self.read(os.path.join(self.out, name)))
            self.publish(target, "-o", file)  # its own is replaced
            shutil.rmtree(self.out)

    def test_a_module_alone_replaces_no_other_file(self):
        file = self.put(b"\0asm\1\0\0\0", "mine.wasm")
        self.publish("cgi", "-o", file, code=INPUT, says="no site that")
        self.assertEqual(self.read(file), b"\0asm\1\0\0\0")
        self.publish("cgi", "-o", file, "--force")
        self.publish("cgi", "-o", file)

    def test_targets_of_several_files_are_folders(self):
        for target in "workers", "node", "oci":
            self.publish(target, "-o", "x.wasm", code=USAGE, says="is a folder")

    def test_json(self):
        r = self.publish("fastly", "--json")
        told = json.loads(r.out)
        self.assertEqual((told["target"], told["name"], told["output"]),
                         ("fastly", "blog", self.out))
        self.assertEqual({f["name"]: f["size"] for f in told["files"]},
                         {n: len(c) for n, c in tree(self.out).items()
                          if n != ".edgestatic"})
        limits = {l["limit"]: l for l in told["limits"]}
        self.assertEqual(limits["package"]["of"], 100000000)
        self.assertRegex(limits["package"]["as_of"], r"^\d{4}-\d\d-\d\d$")
        self.assertEqual(limits["files"]["used"], 8)
        self.assertIn("fastly compute deploy --dir ", told["next"][0])

    def test_quiet_says_nothing(self):
        r = self.publish("workers", "-q")
        self.assertEqual((r.out, r.err), (b"", b""))

    def test_what_to_type_next_is_quoted(self):
        out = os.path.join(self.scratch, "it's here")
        r = self.publish("node", "-o", out)
        self.assertIn(b"it'\\''s here'/server.mjs\n", r.out)

    def test_the_name(self):
        self.publish("wasi-http", "--name", "other")
        self.assertIn("other.wasm", os.listdir(self.out))
        self.publish("wasi-http")  # as the last time
        self.assertIn("other.wasm", os.listdir(self.out))
        self.assertNotIn("blog.wasm", os.listdir(self.out))

    def test_a_new_name_beside_kept_configuration_is_a_warning(self):
        self.publish("wasi-http")
        r = self.publish("wasi-http", "--name", "other")
        self.assertIn(b"spin.toml is kept as it is, without the name other",
                      r.err)
        self.assertNotIn("blog.wasm", os.listdir(self.out))
        r = self.publish("wasi-http", "--name", "other", "--force")
        self.assertEqual(r.err, b"")

    def test_the_time_is_that_of_the_source(self):
        for epoch, mtime in (None, 0), ("1000000000", 1000000000):
            self.publish("fastly", env={"SOURCE_DATE_EPOCH": epoch})
            with tarfile.open(os.path.join(self.out, "pkg/blog.tar.gz")) as tar:
                self.assertEqual({m.mtime for m in tar}, {mtime})
                self.assertEqual({(m.uid, m.gid) for m in tar}, {(0, 0)})

    def test_build_options_are_for_folders(self):
        self.publish("cgi", "--fast", code=USAGE, says="--fast is for a folder")


class Fastly(Publish):
    def test_the_package_is_the_manifest_and_the_module(self):
        self.publish("fastly")
        with tarfile.open(os.path.join(self.out, "pkg/blog.tar.gz")) as tar:
            self.assertEqual(tar.getnames(),
                             ["blog/fastly.toml", "blog/bin/main.wasm"])
            for name in "fastly.toml", "bin/main.wasm":
                self.assertEqual(tar.extractfile("blog/" + name).read(),
                                 self.read(os.path.join(self.out, name)))

    def test_the_users_manifest_is_used(self):
        os.makedirs(self.out)
        manifest = (b'# mine\nmanifest_version = 3\nlanguage="other"\n'
                    b' name = "My Site & Co: a_b"\nservice_id = "x"\n'
                    b'[local_server]\nname = "no"\n')
        self.put(manifest, self.out, "fastly.toml")
        self.publish("fastly")
        name = "My-Site-Co-a-b"
        with tarfile.open(os.path.join(self.out, "pkg", name + ".tar.gz")) as t:
            self.assertEqual(t.extractfile(name + "/fastly.toml").read(),
                             manifest)

    def test_a_name_may_have_the_other_quotes_in_it(self):
        self.put(b'name = "Anna\'s site"\n', self.out, "fastly.toml")
        self.publish("fastly")
        self.assertTrue(os.path.exists(
            os.path.join(self.out, "pkg", "Annas-site.tar.gz")))

    def test_a_new_manifest_is_toml_whatever_the_site_is_called(self):
        site = self.put(b"x", "a \"b\"\n\\\u00e9", "index.html")
        self.publish("fastly", source=os.path.dirname(site))
        manifest = tomllib.loads(self.read(
            os.path.join(self.out, "fastly.toml")).decode())
        words = shlex.split(manifest["scripts"]["build"])
        self.assertEqual(os.path.realpath(os.path.join(self.out, words[2])),
                         os.path.realpath(os.path.dirname(site)))

    def test_a_manifest_without_a_name_is_told(self):
        for bad in b"[x]\nname = 'a'\n", b"name = 'a\n", b'name = "***"\n', b"":
            self.put(bad, self.out, "fastly.toml")
            self.publish("fastly", code=INPUT, says="fastly.toml has no name")
            self.assertEqual(tree(self.out), {"fastly.toml": bad})

    def test_its_build_script_publishes_anew(self):
        out = os.path.join(self.project, "deploy it")
        self.publish("fastly", "-o", out, "--not-found", "spa", "--threads",
                     "2", "--cache", "a-cache", "--cache-rule",
                     "*.x=a 'b' \"c\" \\d", source=self.site)
        text = self.read(os.path.join(out, "fastly.toml")).decode()
        line = next(l for l in text.splitlines() if l.startswith("build = "))
        script = line[len('build = "'):-1]
        script = script.replace('\\"', '"').replace("\\\\", "\\")
        self.assertRegex(script, r"^edgestatic publish \.\./public --not")
        self.assertNotRegex(script, "--(threads|cache) ")
        before = tree(out)
        path = os.path.dirname(COMMAND) + ":" + os.environ["PATH"]
        p = subprocess.run(["sh", "-c", script], cwd=out, capture_output=True,
                           env=environment(self.scratch, PATH=path))
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertEqual(tree(out), before)

    @needs_tool("fastly")
    def test_its_command_validates_and_builds(self):
        self.publish("fastly")
        env = environment(self.scratch, HOME=self.scratch,
                          PATH=os.path.dirname(COMMAND) + ":" +
                          os.environ["PATH"])
        for words in (["validate", "-p", "pkg/blog.tar.gz"],
                      ["build", "--non-interactive"],
                      ["validate", "-p", "pkg/blog.tar.gz"]):
            p = subprocess.run(["fastly", "compute", *words], cwd=self.out,
                               capture_output=True, env=env, timeout=120)
            self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        self.publish("fastly")  # what that built is replaced


class Oci(Publish):
    def blob(self, descriptor):
        digest = descriptor["digest"]
        self.assertRegex(digest, "^sha256:[0-9a-f]{64}$")
        content = self.read(os.path.join(self.out, "image/blobs/sha256",
                                         digest[7:]))
        self.assertEqual(hashlib.sha256(content).hexdigest(), digest[7:])
        self.assertEqual(len(content), descriptor["size"])
        self.seen.add(digest[7:])
        return content

    def load(self, tag):
        index = json.loads(self.read(os.path.join(self.out,
                                                  "image/index.json")))
        entry = next(m for m in index["manifests"] if m["annotations"]
                     ["org.opencontainers.image.ref.name"] == tag)
        manifest = json.loads(self.blob(entry))
        config = json.loads(self.blob(manifest["config"]))
        return config, self.blob(manifest["layers"][0])

    def test_both_manifests_hold_the_component(self):
        self.seen = set()
        self.publish("oci")
        component = os.path.join(self.scratch, "component.wasm")
        self.publish("wasi-http", "-o", component)
        config, layer = self.load("latest")
        tar = gzip.decompress(layer)
        self.assertEqual(config["rootfs"]["diff_ids"],
                         ["sha256:" + hashlib.sha256(tar).hexdigest()])
        self.assertEqual(config["config"]["Entrypoint"], ["/blog.wasm"])
        with tarfile.open(fileobj=io.BytesIO(tar)) as t:
            self.assertEqual(t.getnames(), ["blog.wasm"])
            self.assertEqual(t.extractfile("blog.wasm").read(),
                             self.read(component))
        config, layer = self.load("artifact")
        self.assertEqual(layer, self.read(component))
        self.assertRegex(config["component"]["exports"][0],
                         "^wasi:http/incoming-handler@0.2")
        self.assertEqual(self.seen, set(os.listdir(
            os.path.join(self.out, "image/blobs/sha256"))))

    def test_another_release_takes_the_old_blobs_away(self):
        self.seen = set()
        self.publish("oci")
        other = self.put(b"other", "other-site", "index.html")
        self.publish("oci", "--name", "blog", "--force",
                     source=os.path.dirname(other))
        self.load("latest")
        self.load("artifact")
        self.assertEqual(self.seen, set(os.listdir(
            os.path.join(self.out, "image/blobs/sha256"))))

    def test_manifests_are_yaml_with_the_name_as_text(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("no python3-yaml")
        self.publish("oci", "--name", "on")
        with open(os.path.join(self.out, "k8s.yaml")) as f:
            runtime, deployment, service = yaml.safe_load_all(f)
        self.assertEqual([d["kind"] for d in (runtime, deployment, service)],
                         ["RuntimeClass", "Deployment", "Service"])
        spec = deployment["spec"]
        labels = spec["template"]["metadata"]["labels"]
        self.assertEqual(labels, {"app": "on"})
        self.assertEqual(spec["selector"]["matchLabels"], labels)
        self.assertEqual(service["spec"]["selector"], labels)
        self.assertEqual(spec["template"]["spec"]["runtimeClassName"],
                         runtime["metadata"]["name"])
        with open(os.path.join(self.out, "spinapp.yaml")) as f:
            app = yaml.safe_load(f)
        self.assertEqual((app["kind"], app["metadata"]["name"],
                          app["spec"]["image"]),
                         ("SpinApp", "on", "registry.example/on:artifact"))

    @needs_tool("skopeo")
    def test_skopeo_copies_both(self):
        self.publish("oci")
        for tag in "latest", "artifact":
            p = subprocess.run(
                ["skopeo", "copy", "oci:%s/image:%s" % (self.out, tag),
                 "oci:%s/copy:%s" % (self.out, tag)], capture_output=True)
            self.assertEqual(p.returncode, 0, p.stderr)


class Tools(Publish):
    """What the tools of the other hosts say of the result."""

    @needs_tool("wasm-tools")
    def test_every_module_is_valid(self):
        for target in MODULES:
            file = os.path.join(self.scratch, "valid-%s.wasm" % target)
            self.publish(target, "-o", file)
            p = subprocess.run(["wasm-tools", "validate", file],
                               capture_output=True)
            self.assertEqual((p.returncode, p.stderr), (0, b""), target)

    @needs_tool("wrangler")
    def test_wrangler_takes_the_worker_without_a_warning(self):
        self.publish("workers")
        p = subprocess.run(
            ["wrangler", "deploy", "--dry-run", "--outdir", "dist", "--config",
             os.path.join(self.out, "wrangler.jsonc")], cwd=self.fresh("cwd"), capture_output=True, stdin=subprocess.DEVNULL,
            timeout=120, env=environment(
                self.scratch, HOME=self.scratch, CI="1",
                WRANGLER_SEND_METRICS="false"))
        self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        self.assertNotIn(b"WARNING", p.stdout + p.stderr)
        dist = os.listdir(os.path.join(self.out, "dist"))
        for end in ".wasm", ".edgepack", ".js":
            self.assertTrue([n for n in dist if n.endswith(end)], dist)
        self.publish("workers")  # what it left there is in nobody's way

    @needs_tool("wasmtime")
    def test_wasmtime_runs_the_command(self):
        self.publish("cgi")
        p = subprocess.run(
            ["wasmtime", "run", "--env", "REQUEST_METHOD=GET", "--env",
             "PATH_INFO=/about", os.path.join(self.out, "blog.wasm")],
            capture_output=True)
        self.assertTrue(p.stdout.startswith(b"Status: 200"), p)
        self.assertTrue(p.stdout.endswith(
            self.read(os.path.join(self.site, "about.html"))))


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


def main():
    if "publish" in cli.MISSING or not GUESTS:
        print("skipped: no `publish' here, or no guests")
        return 77
    return cli.main(sys.modules[__name__])


if __name__ == "__main__":
    sys.exit(main())
