"""dictionary_client.py: a browser's dictionaries, for bench/dictionary.

Keeps what RFC 9842 lets a browser keep, asks as Chromium asks, decodes what
comes and counts its bytes.

SPDX-License-Identifier: MIT
"""
import base64, hashlib, http.client, re, urllib.parse

import brotli, zstandard

PLAIN = "gzip, deflate, br, zstd"
DCZ_MAGIC = b"\x5e\x2a\x4d\x18\x20\x00\x00\x00"


class Wrong(Exception):
    """a response that no client can use"""


def strings(value, key):
    """the strings that a member of a dictionary (RFC 9651) has"""
    found = re.search(
        r'(?:^|[,;]) *%s=(\([^)]*\)|"(?:[^"\\]|\\.)*")' % re.escape(key), value)
    return [re.sub(r"\\(.)", r"\1", s) for s in
            re.findall(r'"((?:[^"\\]|\\.)*)"', found.group(1))] if found else []


def covers(pattern, path):
    """what we announce of URLPattern: literals, "*" and groups like ":h" """
    text = ""
    for part in re.findall(r"\\.|:[A-Za-z_]\w*|\*|.", pattern):
        text += ("[^/]+?" if len(part) > 1 and part[0] == ":" else
                 ".*" if part == "*" else re.escape(part[-1]))
    return re.fullmatch(text, path) is not None


class Answer:
    """size: of the content as sent; fields: bytes of them"""

    def __init__(self, size, fields, content, link, immutable):
        self.size, self.fields, self.content = size, fields, content
        self.link, self.immutable = link, immutable


class Client:
    """One visitor; without dictionaries where `holds` is false."""

    def __init__(self, holds=True):
        self.holds = holds
        self.dictionaries = []  # match, match-dest, content; the newest last

    def best(self, path, destination):
        """RFC 9842 section 2.2.3: by destination, then the longest match"""
        found = [(bool(d[1]), len(d[0]), n) for n, d in
                 enumerate(self.dictionaries) if covers(d[0], path) and
                 (not d[1] or destination in d[1])]
        return self.dictionaries[max(found)[2]][2] if found else None

    def get(self, port, path, destination):
        dictionary = self.best(path, destination) if self.holds else None
        fields = {"Accept-Encoding": PLAIN}
        if dictionary is not None:
            digest = hashlib.sha256(dictionary).digest()
            fields["Accept-Encoding"] += ", dcb, dcz"
            fields["Available-Dictionary"] = \
                ":%s:" % base64.b64encode(digest).decode()
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            c.request("GET", path, headers=fields)
            r = c.getresponse()
            body = r.read()
        finally:
            c.close()
        if r.status != 200:
            raise Wrong("%s: %d" % (path, r.status))
        coding = r.headers.get("Content-Encoding", "identity")
        content = decoded(coding, body, dictionary)
        use = r.headers.get("Use-As-Dictionary")
        if use and self.holds:
            # A later one of the same pattern takes the place of an earlier.
            match, dest = strings(use, "match")[0], strings(use, "match-dest")
            self.dictionaries = [d for d in self.dictionaries
                                 if d[:2] != (match, dest)]
            self.dictionaries.append((match, dest, content))
        size = sum(len(k) + len(v) + 4 for k, v in r.headers.items())
        return Answer(len(body), size, content,
                      r.headers.get_all("Link") or [],
                      "immutable" in r.headers.get("Cache-Control", ""))


def decoded(coding, body, dictionary):
    if coding == "identity":
        return body
    if coding == "br":
        return brotli.decompress(body)
    if coding == "zstd":
        return zstandard.ZstdDecompressor().decompress(body)
    if coding == "gzip":
        import gzip
        return gzip.decompress(body)
    if coding == "dcz" and dictionary is not None:
        head = DCZ_MAGIC + hashlib.sha256(dictionary).digest()
        if not body.startswith(head):
            raise Wrong("a dcz that names another dictionary")
        held = zstandard.ZstdCompressionDict(
            dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        return zstandard.ZstdDecompressor(
            dict_data=held, max_window_size=1 << 27).decompress(body[40:])
    raise Wrong("Content-Encoding: %s" % coding)


# ---- Pages ----

PART = re.compile(rb"<(link|script)\b([^>]*)>", re.I)
ATTRIBUTE = re.compile(rb"([a-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))",
                       re.I)


def parts(path, page):
    """the style sheets and scripts of a page: path, destination"""
    found = []
    for tag, text in PART.findall(page):
        has = {k.lower(): (a or b or c).decode()
               for k, a, b, c in ATTRIBUTE.findall(text)}
        style = tag.lower() == b"link" and \
            "stylesheet" in has.get(b"rel", "").lower().split()
        url = has.get(b"href" if style else b"src")
        if not url or not (style or tag.lower() == b"script"):
            continue
        whole = urllib.parse.urlsplit(
            urllib.parse.urljoin("http://site" + path, url))
        found.append((whole.netloc, whole.path, "style" if style else "script"))
    return list(dict.fromkeys(found))


class Visit:
    """What a client has in its cache, and what it has been sent."""

    def __init__(self, client, hosts=("site",)):
        self.client, self.hosts = client, hosts
        self.seen, self.kept = set(), set()
        self.sent = 0

    def one(self, port, path, destination):
        answer = self.client.get(port, path, destination)
        self.seen.add(path)
        if answer.immutable:
            self.kept.add(path)
        self.sent += answer.size
        return answer

    def leave(self):
        """comes back later: what is immutable is still there"""
        self.seen = set(self.kept)

    def page(self, port, path):
        """a page, and what of its parts isn't there yet -> bytes"""
        before = self.sent
        page = self.one(port, path, "document")
        for host, part, destination in parts(path, page.content):
            if host in self.hosts and part not in self.seen:
                self.one(port, part, destination)
        for link in page.link:
            held = re.match(r'\s*<([^>]*)>.*rel="?compression-dictionary', link)
            if held and self.client.holds and held.group(1) not in self.seen:
                self.one(port, held.group(1), "")
        return self.sent - before
