#!/usr/bin/env python3
"""tests/html.py: what the command learns from pages: --csp, --preload, and
integrity attributes.

Run by `make check' in the build folder; BUILD names another one.
SPDX-License-Identifier: MIT
"""
import base64, hashlib, os, subprocess, sys, tempfile, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli
from cli import COMMAND, INPUT, OK

with tempfile.TemporaryDirectory() as empty:
    HTML = b"built without" not in subprocess.run(
        [COMMAND, "build", empty, "-o", os.path.join(empty, "x"), "--no-cache",
         "--csp"], capture_output=True).stderr


def sha(text, name="sha256"):
    digest = hashlib.new(name, text.encode()).digest()
    return "%s-%s" % (name, base64.b64encode(digest).decode())


SCRIPT, STYLE, CODE = "run()", "p { color: red }", "console.log(1)\n"
PAGE = ("<!doctype html>\n<title>x</title><link rel=stylesheet href=/a.css>\n"
        "<script src=/a.js integrity='%s'></script>\n"
        "<script>%s</script><style>%s</style>" %
        (sha(CODE, "sha384"), SCRIPT, STYLE))
FILES = {"index.html": PAGE, "404.html": PAGE, "a.js": CODE, "a.css": "p {}"}
CSP, LINK = "Content-Security-Policy", "Link"


class Pages(cli.Case):
    def make(self, *args, code=OK, says=None, **more):
        """Builds the site above with files changed: what the command did."""
        site = self.fresh("site")
        for name, text in {**FILES, **more}.items():
            self.put(text.encode(), site, name.replace("__", "."))
        self.output = site + ".edgepack"
        return self.expect(code, "build", site, "-o", self.output, "--no-cache",
                           "--fast", "-q", *args, says=says)

    def fields(self, target):
        head = self.expect(OK, "get", self.output, target).out.split(b"\n\n")[0]
        return dict(line.split(": ", 1)
                    for line in head.decode().split("\n")[1:])


@unittest.skipIf(HTML, "for a build without libgumbo")
class Without(Pages):
    def test_options_that_need_libgumbo_say_so(self):
        for option in "--csp", "--csp=default-src 'self'", "--preload":
            self.expect(INPUT, "build", self.site, "-o",
                        os.path.join(self.scratch, "x"), option,
                        says="need libgumbo, which this edgestatic was built "
                        "without")

    def test_a_wrong_integrity_attribute_is_not_seen(self):
        self.assertEqual(self.make(a__js="other").err, b"")


@unittest.skipUnless(HTML, "left out by configure")
class Html(Pages):
    def test_nothing_is_sent_unasked(self):
        self.assertEqual(self.make().err, b"")
        self.assertFalse({CSP, LINK} & set(self.fields("/")))

    def test_csp_alone_is_a_policy_with_the_hashes_of_the_page(self):
        self.assertEqual(self.make("--csp").err, b"")
        for target in "/", "/none":
            value = self.fields(target)[CSP]
            self.assertTrue(value.startswith("default-src 'self'; "), value)
            self.assertIn("; script-src 'self' '%s'" % sha(SCRIPT), value)
            self.assertIn("; style-src 'self' '%s'" % sha(STYLE), value)
        self.assertNotIn(CSP, self.fields("/a.js"))

    def test_csp_with_a_policy_has_hashes_in_its_directives(self):
        self.make("--csp=script-src-elem 'none'; img-src *")
        self.assertEqual(self.fields("/")[CSP],
                         "script-src-elem '%s'; img-src *" % sha(SCRIPT))

    def test_a_policy_that_is_no_field_value_is_refused(self):
        self.make("--csp=default-src *\nX: y", code=INPUT, says="--csp: not")

    def test_what_a_policy_disables_is_told_with_its_place(self):
        r = self.make("--csp", index__html="<p>\n<b onclick=x()>\n<i style=a>")
        for place, name in ("2:4", "onclick"), ("3:4", "style"):
            self.assertIn(b"warning: index.html:%s: the Content-Security-Policy"
                          b" disables this %s attribute" %
                          (place.encode(), name.encode()), r.err)

    def test_rules_of_headers_win_over_csp(self):
        self.make("--csp", _headers="/\n  %s: default-src *\n" % CSP)
        self.assertEqual(self.fields("/")[CSP], "default-src *")

    def test_preload_links_what_the_head_asks_for(self):
        self.assertEqual(self.make("--preload").err, b"")
        self.assertEqual(
            self.fields("/")[LINK],
            '</a.css>; rel=preload; as=style, </a.js>; rel=preload; as=script; '
            'integrity="%s"' % sha(CODE, "sha384"))
        self.assertNotIn(LINK, self.fields("/none"))
        self.assertNotIn(LINK, self.fields("/a.js"))

    def test_a_wrong_integrity_attribute_is_an_error_with_its_place(self):
        r = self.make(code=INPUT, a__js="other", **{"404.html": "<p>"})
        self.assertIn(b"error: index.html:3:1: browsers will refuse a.js", r.err)
        for text in CODE, "other":
            self.assertIn(sha(text, "sha384").encode(), r.err)
        self.assertFalse(os.path.exists(self.output))

    def test_no_sri_packs_what_browsers_will_refuse(self):
        self.assertEqual(self.make("--no-sri", a__js="other").err, b"")

    def test_integrity_of_other_origins_is_theirs(self):
        self.assertEqual(self.make(index__html="<script integrity='%s' "
                                   "src=//cdn.test/a.js></script>" %
                                   sha("another")).err, b"")

    def warned(self, integrity, says):
        self.make(says="warning: index.html:1:1: the integrity attribute of "
                  "a.js " + says, index__html="<script integrity='%s' "
                  "src=a.js></script>" % integrity)

    def test_integrity_by_no_known_algorithm_is_a_warning(self):
        self.warned("md5-YQ==", "has no hash that browsers know")

    def test_integrity_of_a_wrong_length_is_a_warning(self):
        self.warned("sha256-YQ==", "has a hash of a wrong length")

    def test_a_page_that_is_passed_over_is_told(self):
        deep = "<b>" * 600
        r = self.make("--csp", index__html=deep)
        self.assertIn(b"warning: index.html: the page is not read, because its "
                      b"tags are nested", r.err)
        self.assertNotIn("sha256", self.fields("/")[CSP])


if __name__ == "__main__":
    sys.exit(cli.main(sys.modules[__name__]))
