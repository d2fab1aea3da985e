#!/usr/bin/env python3
"""tests/publish.py: `edgestatic publish`: what it writes for each host,
and the hosts' own tools on the results.

Run by `make check` in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import gzip, hashlib, io, json, os, shlex, shutil, subprocess, sys, tarfile
import tomllib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import COMMAND, INPUT, OK, USAGE, environment
import publishing
from publishing import (FILES, GUESTS, MODULES, TARGETS, Publish, needs_tool,
                        tree)


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
                     says=r"_redirects:1:15: .*301, 302(?s:.*)\n.*--dialect "
                          "netlify")
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


if __name__ == "__main__":
    sys.exit(publishing.main(sys.modules[__name__]))
