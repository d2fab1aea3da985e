#!/usr/bin/env python3
"""tests/cli_args.py: the command's arguments, its help, and what it does on
a terminal.

Run by `make check` in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import os, pty, random, signal, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli
from cli import (COMMAND, INPUT, OK, OPTIONAL, PATIENCE, USAGE, VERBS, Case,
                 environment, needs)


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


if __name__ == "__main__":
    sys.exit(cli.main(sys.modules[__name__]))
