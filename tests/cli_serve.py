#!/usr/bin/env python3
"""tests/cli_serve.py: `edgestatic serve`, and `check` of what it serves.

Run by `make check` in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import http.client, json, os, random, re, shutil, signal, socket, subprocess
import sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli
from cli import DIFFERENT, NETWORK, OK, PATIENCE, Case, Server, needs


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


if __name__ == "__main__":
    sys.exit(cli.main(sys.modules[__name__]))
