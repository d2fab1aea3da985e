#!/usr/bin/env python3
"""tests/release.py: a site's releases by the real command: release, releases,
promote, rollback, expire, gc, and `serve' that follows them.

Run by `make check' in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import ctypes, http.client, json, os, random, resource, shutil, signal, subprocess, sys
import threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli
from cli import COMMAND, DIFFERENT, INPUT, OK, USAGE, Server, environment, needs

# Writers that are killed, each at another moment of its life.
KILLS = 32
# Promotions and rollbacks while requests run.
SWITCHES = 42


class Store(cli.Case):
    """A site store of this test's own, named `store'."""

    def setUp(self):
        self.top = self.fresh("top")
        self.store = os.path.join(self.top, "store")

    def source(self, text, name="public", **more):
        """A folder with /, /a.txt that says `text', and other files."""
        folder = os.path.join(self.top, name)
        shutil.rmtree(folder, ignore_errors=True)
        files = {"index.html": "<!doctype html><p>home", "a.txt": text,
                 "404.html": "<p>none"}
        for path, content in {**files, **more}.items():
            self.put(content.encode(), folder, path.replace("__", "."))
        return folder

    def release(self, text, *args, code=OK, **more):
        return self.expect(code, "release", self.store, self.source(text, **more),
                           "-q", "--fast", "--no-cache", *args)

    def releases(self):
        return json.loads(self.expect(OK, "releases", self.store, "--json").out)

    def shown(self):
        """{collection: release}"""
        return {c["name"]: c["release"] for c in self.releases()["collections"]}

    def numbers(self):
        return [r["number"] for r in self.releases()["releases"]]

    def text(self, name=""):
        return self.expect(OK, "get", self.store + name, "/a.txt"
                           ).out.split(b"\n\n")[-1].decode()

    def verify_all(self):
        for number in self.numbers():
            self.expect(OK, "verify", "-q", "%s@%d" % (self.store, number))


class Story(Store):
    def test_release_preview_promote_rollback(self):
        r = self.expect(OK, "release", self.store, self.source("one"), "--fast",
                        "--no-cache", "--note", "the first", says="release 1")
        self.assertEqual(self.text(), "one")
        self.release("two", "--collection", "staging")
        self.assertEqual(self.shown(), {"live": 1, "staging": 2})
        self.assertEqual(self.text(), "one")
        self.assertEqual(self.text("@staging"), "two")
        self.assertEqual(self.text("@live"), "one")
        self.assertEqual(self.text("@2"), "two")
        self.expect(OK, "promote", self.store, "staging", says="live .*2")
        self.assertEqual(self.shown(), {"live": 2, "staging": 2})
        self.assertEqual(self.text(), "two")
        self.expect(OK, "rollback", self.store, says="live .*1")
        self.assertEqual(self.text(), "one")
        self.expect(INPUT, "rollback", self.store, says="no other release")
        self.expect(OK, "promote", self.store, "2", "preview-7")
        self.assertEqual(self.shown(),
                         {"live": 1, "staging": 2, "preview-7": 2})
        self.verify_all()

    def test_the_list_for_people_and_for_programs(self):
        self.release("one", "--note", "the first \u00e9")
        self.release("two", "--collection", "p", "--expires", "7d")
        r = self.expect(OK, "releases", self.store)
        head, *lines = r.out.decode().splitlines()
        self.assertRegex(head, "^ *release +time +collections +files +size +new"
                         " +expires +note$")
        self.assertRegex(lines[1], r"^ *1 .* live +3 .* the first \u00e9$")
        self.assertRegex(lines[0], r"^ *2 .* p +3 ")
        listed = self.releases()
        first, second = sorted(listed["releases"], key=lambda r: r["number"])
        self.assertEqual(first["note"], "the first \u00e9")
        self.assertEqual(first["files"], 3)
        self.assertGreater(first["new_bytes"], second["new_bytes"])
        self.assertIsNone(first["expires"])
        self.assertAlmostEqual(second["expires"], time.time() + 7 * 86400,
                               delta=100)
        self.assertEqual(listed["collections"][0]["name"], "live")

    def test_an_unchanged_file_is_stored_once(self):
        big = random.Random(1).randbytes(300000).hex()
        self.release("one", big__txt=big)
        before = self.size()
        self.release("two", big__txt=big)
        self.assertLess(self.size() - before, 20000)

    def size(self):
        return sum(os.path.getsize(os.path.join(self.store, name))
                   for name in os.listdir(self.store))

    def test_a_pack_is_released_as_it_is(self):
        r = self.expect(OK, "release", self.store, self.pack, "-q")
        self.expect(OK, "verify", self.store)
        self.assertIn(b"a page of the site",
                      self.expect(OK, "get", self.store, "/about").out)

    def test_options_of_build_are_for_folders(self):
        self.expect(USAGE, "release", self.store, self.pack, "--fast",
                    says="--fast")

    def test_json(self):
        r = self.release("one", "--json")
        told = json.loads(r.out)
        self.assertEqual((told["release"], told["collection"], told["files"]),
                         (1, "live", 3))
        self.assertIsNone(told["before"])
        self.release("two")
        told = json.loads(self.expect(OK, "promote", self.store, "1", "--json").out)
        self.assertEqual((told["collection"], told["release"], told["before"]),
                         ("live", 1, 2))
        told = json.loads(self.expect(OK, "rollback", self.store, "--json").out)
        self.assertEqual((told["collection"], told["release"], told["before"]),
                         ("live", 2, 1))
        told = json.loads(self.expect(OK, "gc", self.store, "--json").out)
        self.assertIn("freed_bytes", told)
        self.assertIn("releases", json.loads(
            self.expect(OK, "expire", self.store, "--json").out))


class Refused(Store):
    def test_no_such_store_release_or_collection(self):
        for verb in "releases", "rollback", "expire", "gc":
            self.expect(INPUT, verb, self.store, says="store")
        self.expect(INPUT, "promote", self.store, "staging", says="store")
        self.release("one")
        self.expect(INPUT, "promote", self.store, "staging", says="staging")
        self.expect(INPUT, "promote", self.store, "7", says="7")
        self.expect(INPUT, "rollback", self.store, "staging", says="staging")
        self.expect(INPUT, "expire", self.store, "staging", says="staging")
        self.expect(INPUT, "ls", self.store + "@staging", says="staging")
        self.expect(INPUT, "ls", self.store + "@9", says="9")
        self.assertEqual(self.shown(), {"live": 1})

    def test_a_folder_that_is_no_store(self):
        folder = self.source("one")
        for verb in "releases", "rollback", "gc":
            self.expect(INPUT, verb, folder, says="not a site store")
        self.expect(INPUT, "release", folder, self.pack, says="other files")
        self.assertEqual(sorted(os.listdir(folder)),
                         ["404.html", "a.txt", "index.html"])

    def test_wrong_names_and_times(self):
        for wrong in "Staging", "a b", "", "a" * 64, "../x":
            self.release("one", "--collection", wrong, code=USAGE)
        for wrong in "7", "0d", "-1d", "x":
            self.release("one", "--collection", "p", "--expires", wrong,
                         code=USAGE)
        self.release("one", "--expires", "7d", code=USAGE)
        self.assertFalse(os.path.exists(self.store))

    def test_live_is_never_removed(self):
        self.release("one")
        self.expect(USAGE, "expire", self.store, "live", says="live")
        self.assertEqual(self.text(), "one")

    def test_a_build_that_fails_leaves_all_as_it_was(self):
        self.release("one")
        self.expect(INPUT, "release", self.store, os.path.join(self.top, "no"),
                    says="no")
        self.assertEqual(self.numbers(), [1])
        self.assertEqual(self.text(), "one")

    def test_a_fingerprinted_name_whose_bytes_change(self):
        self.release("one", **{"app.3f2a1b9c__js": "first();"})
        self.release("two", code=INPUT, **{"app.3f2a1b9c__js": "second();"})
        self.assertEqual(self.numbers(), [1])

    def test_a_full_disk(self):
        self.release("one")
        before = sorted(os.listdir(self.store))
        big = random.Random(2).randbytes(400000).hex()
        folder = self.source("two", big__txt=big)
        # gcov writes, too, and is not meant.
        env = dict(GCOV_PREFIX=self.scratch, GCOV_ERROR_FILE=os.devnull)
        for limit in 0, 4096, 300000:
            self.expect(INPUT, "release", self.store, folder, "-q", "--fast",
                        "--no-cache", env=env, restore_signals=False,
                        preexec_fn=lambda: resource.setrlimit(
                            resource.RLIMIT_FSIZE, (limit, limit)))
            self.assertEqual(self.text(), "one")
            self.verify_all()
        self.release("three")
        self.verify_all()


class Tidy(Store):
    def test_a_preview_is_removed_by_name_and_gc_gives_its_space_back(self):
        self.release("one")
        big = random.Random(3).randbytes(500000).hex()
        self.release("two", "--collection", "preview-42", big__txt=big)
        self.expect(OK, "expire", self.store, says="[Nn]othing")
        self.expect(OK, "expire", self.store, "preview-42",
                    says="1 collection and 0 releases")
        self.assertEqual(self.numbers(), [2, 1])
        self.expect(OK, "expire", self.store, "--keep", "0", says="1 release")
        self.assertEqual(self.numbers(), [1])
        self.assertEqual(self.shown(), {"live": 1})
        dry = json.loads(self.expect(OK, "gc", self.store, "--dry-run",
                                     "--json").out)
        self.assertGreater(dry["freed_bytes"], 100000)
        before = sum(os.path.getsize(os.path.join(self.store, n))
                     for n in os.listdir(self.store))
        self.expect(OK, "gc", self.store)
        after = sum(os.path.getsize(os.path.join(self.store, n))
                    for n in os.listdir(self.store))
        self.assertLess(after, before - 100000)
        self.verify_all()
        self.assertEqual(self.text(), "one")

    def test_old_assets_stay_for_a_page_that_is_open(self):
        old = "console.log('first');" * 40
        self.release("one", **{"app.3f2a1b9c__js": old})
        self.release("two", "--keep-releases", "2",
                     **{"app.77e2d01f__js": "console.log('second');" * 40})
        r = self.expect(OK, "get", self.store, "/app.3f2a1b9c.js")
        self.assertIn(b"first", r.out)
        self.release("three", **{"app.77e2d01f__js": "console.log('second');" * 40})
        self.expect(OK, "get", self.store, "/app.3f2a1b9c.js", says=" 404 ")

    def test_nothing_to_do(self):
        self.release("one")
        self.expect(OK, "expire", self.store, says="[Nn]othing")
        self.expect(OK, "gc", self.store, "--dry-run")
        self.verify_all()


class Together(Store):
    def test_two_at_once_both_release(self):
        self.release("zero")
        writers = []
        for i in range(6):
            folder = self.source("text %d" % i, "public-%d" % i)
            writers.append(subprocess.Popen(
                [COMMAND, "release", self.store, folder, "-q", "--fast",
                 "--no-cache", "--collection", "c%d" % i], cwd=self.scratch,
                env=environment(self.scratch), stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE))
        for writer in writers:
            _, err = writer.communicate(timeout=cli.PATIENCE)
            self.assertEqual(writer.returncode, OK, err)
        self.assertEqual(len(set(self.numbers())), 7)
        for i in range(6):
            self.assertEqual(self.text("@c%d" % i), "text %d" % i)
        self.verify_all()

    def test_no_wait_fails_while_another_writes(self):
        import fcntl
        self.release("one")
        with open(os.path.join(self.store, "lock"), "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for args in (["promote", self.store, "1"],
                         ["gc", self.store], ["expire", self.store],
                         ["rollback", self.store],
                         ["release", self.store, self.pack]):
                self.expect(INPUT, *args, "--no-wait", says="writes")
            self.assertEqual(self.text(), "one")

    def test_killed_at_any_moment_nothing_is_lost(self):
        """kill -9 of `edgestatic release' here and there in its life."""
        rng = random.Random(5)
        texts = {"live": "text 0"}
        self.release(texts["live"])
        start = time.monotonic()
        self.release("text 1")
        life = time.monotonic() - start
        killed = 0
        for i in range(KILLS):
            folder = self.source("text %d" % (i + 2),
                                 big__txt=rng.randbytes(20000).hex())
            command = rng.choice([
                ["release", self.store, folder, "-q", "--fast", "--no-cache"],
                ["release", self.store, folder, "-q", "--fast", "--no-cache"],
                ["release", self.store, folder, "-q", "--fast", "--no-cache"],
                ["gc", self.store, "-q"], ["rollback", self.store, "-q"]])
            before = self.text()
            p = subprocess.Popen([COMMAND, *command], cwd=self.scratch,
                                 env=environment(self.scratch),
                                 stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0, 1.1) * life)
            p.kill()
            killed += p.wait() == -signal.SIGKILL
            # The old or the new one, whole.
            self.assertRegex(self.text(), r"^text \d+$")
            self.expect(OK, "verify", "-q", self.store)
        self.assertGreater(killed, KILLS // 8)
        self.verify_all()
        self.release("the end")
        self.expect(OK, "gc", self.store)
        self.verify_all()
        self.assertEqual(self.text(), "the end")


@needs("serve")
class Serve(Store):
    def serve(self, *args, name=""):
        server = Server(self.scratch, self.store + name, *args)
        self.addCleanup(server.__exit__)
        return server

    def until(self, wanted, ask):
        """A server follows within a moment."""
        end = time.monotonic() + cli.PATIENCE
        while (got := ask()) != wanted:
            if time.monotonic() > end:
                self.assertEqual(got, wanted)
            time.sleep(0.01)

    def ask(self, server, target="/a.txt", **fields):
        """(status, text, fields)"""
        c = http.client.HTTPConnection("127.0.0.1", server.port,
                                       timeout=cli.PATIENCE)
        c.request("GET", target, headers=fields)
        r = c.getresponse()
        text = r.read().decode()
        c.close()
        return r.status, text, r.headers

    def test_it_follows_promotions_rollbacks_and_gc(self):
        self.release("one")
        s = self.serve()
        self.assertEqual(s.get("/a.txt"), (200, b"one"))
        self.release("two")
        self.until((200, b"two"), lambda: s.get("/a.txt"))
        self.expect(OK, "rollback", self.store)
        self.until((200, b"one"), lambda: s.get("/a.txt"))
        self.expect(OK, "gc", self.store)
        self.assertEqual(s.get("/a.txt"), (200, b"one"))
        self.expect(OK, "promote", self.store, "2")
        self.until((200, b"two"), lambda: s.get("/a.txt"))
        self.assertEqual(s.stop()[0], OK)

    def test_it_starts_before_the_first_release_goes_live(self):
        self.release("one", "--collection", "staging")
        s = self.serve()
        self.assertEqual(s.get("/a.txt")[0], 503)
        self.expect(OK, "promote", self.store, "staging")
        self.until((200, b"one"), lambda: s.get("/a.txt"))
        self.assertEqual(s.stop()[0], OK)

    def test_one_collection_or_release(self):
        self.release("one")
        self.release("two", "--collection", "staging")
        s = self.serve(name="@staging")
        status, text, fields = self.ask(s)
        self.assertEqual((status, text), (200, "two"))
        self.assertEqual(fields["X-Robots-Tag"], "noindex")
        self.release("three", "--collection", "staging")
        self.until((200, b"three"), lambda: s.get("/a.txt"))
        s = self.serve(name="@1")
        self.assertEqual(self.ask(s)[1], "one")
        self.release("four")
        self.assertEqual(self.ask(s)[1], "one")
        self.expect(INPUT, "serve", self.store + "@nope", says="nope")
        self.expect(INPUT, "serve", self.store + "@99", says="99")

    def previews(self, *args):
        self.release("one")
        self.release("two", "--collection", "staging")
        return self.serve(*args)

    def test_by_host(self):
        s = self.previews("--by-host", "*.preview.example.com",
                          "--by-host", "next.example.com=staging")
        for host, text in (("example.com", "one"),
                           ("staging.preview.example.com", "two"),
                           ("Staging.Preview.Example.Com:8080", "two"),
                           ("next.example.com", "two"),
                           ("live.preview.example.com", "one")):
            status, got, fields = self.ask(s, Host=host)
            self.assertEqual((status, got), (200, text))
            self.assertEqual(fields["X-Robots-Tag"],
                             "noindex" if text == "two" else None)
            self.assertNotIn("Cookie", fields.get("Vary", ""))
        self.assertEqual(self.ask(s, Host="none.preview.example.com")[0], 404)
        # One that comes while the server runs, and goes again.
        self.release("three", "--collection", "preview-3")
        self.until((200, "three"), lambda: self.ask(
            s, Host="preview-3.preview.example.com")[:2])
        self.expect(OK, "expire", self.store, "preview-3")
        self.until(404, lambda: self.ask(
            s, Host="preview-3.preview.example.com")[0])
        self.assertEqual(self.ask(s)[1], "one")

    def test_by_prefix(self):
        s = self.previews("--by-prefix", "/-/")
        self.assertEqual(self.ask(s)[:2], (200, "one"))
        status, text, fields = self.ask(s, "/-/staging/a.txt")
        self.assertEqual((status, text), (200, "two"))
        self.assertEqual(fields["X-Robots-Tag"], "noindex")
        for target, where in (("/-/staging", "/-/staging/"),
                              ("/-/staging/index.html", "/-/staging/"),
                              ("/-/live/index.html?a", "/-/live/?a"),
                              ("/index.html", "/")):
            status, _, fields = self.ask(s, target)
            self.assertIn(status, (307, 308))
            self.assertEqual(fields["Location"], where)
        for target in "/-/none/a.txt", "/-/", "/-/STAGING/a.txt", "/-/1/a.txt":
            self.assertEqual(self.ask(s, target)[0], 404)

    def test_by_cookie(self):
        s = self.previews("--by-cookie", "preview")
        for cookie, text in (("preview=staging", "two"), ("a=b", "one"),
                             ("preview=none", "one"), ("xpreview=staging", "one"),
                             ('a=b; preview="staging"', "two")):
            status, got, fields = self.ask(s, Cookie=cookie)
            self.assertEqual((status, got), (200, text), cookie)
            self.assertIn("Cookie", fields["Vary"])
            self.assertEqual(fields["X-Robots-Tag"],
                             "noindex" if text == "two" else None)
        self.assertEqual(self.ask(s)[1], "one")

    def ends_in(self, collection, seconds):
        """Has a collection end soon: --expires knows no less than a minute."""
        path = os.path.join(self.store, "state")
        lines = self.read(path).decode().splitlines()[:-1]
        for i, line in enumerate(lines):
            word = line.split(" ")
            if word[:2] == ["collection", collection]:
                word[3] = str(int(time.time()) + seconds)
                lines[i] = " ".join(word)
        text = "".join(line + "\n" for line in lines).encode()
        hashed = ctypes.CDLL("libxxhash.so.0").XXH3_64bits
        hashed.restype = ctypes.c_uint64
        hashed.argtypes = ctypes.c_char_p, ctypes.c_size_t
        text += b"checksum %016x\n" % hashed(text, len(text))
        self.put(text, path + ".new")
        os.rename(path + ".new", path)

    def test_a_collection_past_its_time_is_served_no_more(self):
        self.release("one")
        self.release("two", "--collection", "soon", "--expires", "1h")
        self.release("three", "--collection", "staging", "--expires", "1h")
        s = self.serve("--by-prefix", "/-/", "--by-host", "*.example.com",
                       "--by-cookie", "c")
        alone = self.serve(name="@soon")
        soon = [lambda: self.ask(s, "/-/soon/a.txt")[0],
                lambda: self.ask(s, Host="soon.example.com")[0],
                lambda: alone.get("/a.txt")[0]]
        self.assertEqual([ask() for ask in soon], [200] * 3)
        self.assertEqual(self.ask(s, Cookie="c=soon")[1], "two")
        self.ends_in("soon", 2)
        for ask in soon:
            self.until(404, ask)
        self.assertEqual(self.ask(s, Cookie="c=soon")[1], "one")
        # It ended by the clock alone; the others go on.
        self.assertIn("soon", self.shown())
        self.assertEqual(self.ask(s)[1], "one")
        self.assertEqual(self.ask(s, "/-/staging/a.txt")[1], "three")
        # With another release under its name it is there again.
        self.release("four", "--collection", "soon")
        self.until((200, "four"), lambda: self.ask(s, "/-/soon/a.txt")[:2])
        self.until((200, b"four"), lambda: alone.get("/a.txt"))
        self.assertEqual((s.stop()[0], alone.stop()[0]), (OK, OK))

    def test_a_collection_that_is_removed_is_served_no_more(self):
        self.release("one")
        self.release("two", "--collection", "soon")
        self.release("three", "--collection", "staging")
        s = self.serve("--by-prefix", "/-/")
        alone = self.serve(name="@soon")
        self.assertEqual(self.ask(s, "/-/soon/a.txt")[1], "two")
        self.expect(OK, "expire", self.store, "soon")
        self.expect(OK, "gc", self.store)
        self.until(404, lambda: self.ask(s, "/-/soon/a.txt")[0])
        self.until(404, lambda: alone.get("/a.txt")[0])
        self.assertEqual(self.ask(s)[1], "one")
        self.assertEqual(self.ask(s, "/-/staging/a.txt")[1], "three")
        self.assertEqual((s.stop()[0], alone.stop()[0]), (OK, OK))

    def test_options_for_previews_are_checked(self):
        self.release("one")
        for wrong in (["--by-host", "example.com"], ["--by-prefix", "x"],
                      ["--by-cookie", "a b"]):
            self.expect(USAGE, "serve", self.store, *wrong, says=wrong[0])
        self.expect(USAGE, "serve", self.pack, "--by-cookie", "c",
                    says="--by-cookie")
        self.expect(USAGE, "serve", self.store + "@live", "--by-cookie", "c",
                    says="--by-cookie")
        self.expect(USAGE, "serve", self.store, "--fast", says="--fast")

    def test_no_request_fails_while_releases_change(self):
        """Promotions, rollbacks, releases and gc under load."""
        bodies = {}
        for name in "one", "two":
            bodies[name] = name + " " + random.Random(name).randbytes(60000).hex()
            self.release(bodies[name])
        s = self.serve("--threads", "2")
        stop, trouble, count = threading.Event(), [], [0] * 4

        def load(i):
            c = http.client.HTTPConnection("127.0.0.1", s.port,
                                           timeout=cli.PATIENCE)
            try:
                while not stop.is_set():
                    c.request("GET", "/a.txt")
                    r = c.getresponse()
                    body = r.read().decode()
                    if r.status != 200 or body not in bodies.values():
                        trouble.append((r.status, body[:40], len(body)))
                    count[i] += 1
            except (OSError, http.client.HTTPException) as e:
                trouble.append(repr(e))
            finally:
                c.close()

        threads = [threading.Thread(target=load, args=(i,)) for i in range(4)]
        for t in threads:
            t.start()
        for i in range(SWITCHES):
            args = (["promote", self.store, str(1 + i % 2)], ["rollback", self.store],
                    ["gc", self.store])[i % 3]
            self.assertIn(self.command(*args, "-q").code, (OK, INPUT))
        stop.set()
        for t in threads:
            t.join()
        self.assertEqual(trouble, [])
        self.assertGreater(min(count), SWITCHES // 4)
        self.assertEqual(s.stop()[0], OK)


if __name__ == "__main__":
    sys.exit(cli.main(sys.modules[__name__]))
