"""edge_sites.py: what bench/edge serves, and what it asks for.

SPDX-License-Identifier: MIT
"""
import hashlib, json, os, random, shutil, subprocess

from edge_load import HERE, need, run


def make_pages(root):
    """50 pages, a 404 page and a picture of 64 KiB; about 530 kB"""
    os.makedirs(root)
    rnd = random.Random(1)
    words = ["".join(rnd.choices(["ta", "ri", "no", "sel", "um", "ke"],
                                 k=rnd.randint(1, 4))) for _ in range(600)]

    def page(name, size):
        text = "<!doctype html>\n<html lang=en><meta charset=utf-8>" \
            "<title>%s</title>\n" % name
        while len(text) < size:
            text += "<p>%s.</p>\n" % " ".join(rnd.choices(words, k=40))
        with open(os.path.join(root, name), "w") as f:
            f.write(text)
    page("index.html", 9300)
    for n in range(1, 50):
        page("page%d.html" % n, 9300)
    page("404.html", 1000)
    with open(os.path.join(root, "picture.webp"), "wb") as f:
        f.write(bytes(rnd.choices(range(256), k=65536)))


def make_blog(root):
    need("hugo", "hugo")
    run(["hugo", "--quiet", "--source", os.path.join(HERE, "examples",
         "hugo-blog"), "--destination", root, "--baseURL", "https://blog.test/"])


def size_of(root):
    return sum(os.path.getsize(os.path.join(d, f))
               for d, _, fs in os.walk(root) for f in fs)


SITES = {
    # name: maker, a page, a file that nothing compresses, both as paths
    "50 pages": (make_pages, "/page3.html", "/picture.webp"),
    "hugo-blog": (make_blog, "/", None),
}


def site_folder(tmp, site):
    root = os.path.join(tmp, site.replace(" ", "-"))
    if not os.path.exists(root):
        SITES[site][0](root)
    return root


def rows(site):
    _, page, asset = SITES[site]
    result = [("page, br", page, {"Accept-Encoding": "br"}, 200),
              ("304", page, {"Accept-Encoding": "br", "If-None-Match": None},
               304),
              ("404", "/there/is/no/such/page", {"Accept-Encoding": "br"}, 404)]
    if asset:
        result.append(("64 KiB", asset, {}, 200))
    return result


# ---- The plain worker ----

PLAIN = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .site)],
  sockets = [(name = "http", address = "127.0.0.1:8080", http = (),
              service = "main")]);
const site :Workerd.Worker = (
  compatibilityDate = "2026-11-01",
  modules = [(name = "worker", esModule = embed "plain_worker.mjs"),
             (name = "files.json", json = embed "files.json"),
             (name = "files.bin", data = embed "files.bin")]);
"""


def plain_worker(root, out):
    """the files of a site as one data module, plain and in br, and a list"""
    os.makedirs(out)
    shutil.copy(os.path.join(HERE, "bench", "plain_worker.mjs"), out)
    with open(os.path.join(out, "config.capnp"), "w") as f:
        f.write(PLAIN)
    types = {".html": "text/html; charset=utf-8", ".webp": "image/webp"}
    files, at = [], 0
    with open(os.path.join(out, "files.bin"), "wb") as data:
        for name in sorted(os.listdir(root)):
            with open(os.path.join(root, name), "rb") as f:
                plain = f.read()
            br = subprocess.run(["brotli", "-cq", "11"], input=plain,
                                check=True, stdout=subprocess.PIPE).stdout
            variants = {}
            for coding, body in (("identity", plain), ("br", br)):
                if coding == "br" and len(br) > 0.9 * len(plain):
                    continue
                variants[coding] = {
                    "at": at, "length": len(body), "etag": '"%s"' %
                    hashlib.sha256(body).hexdigest()[:22]}
                data.write(body)
                at += len(body)
            path = "/" + ("" if name == "index.html" else name)
            files.append([path, {"type": types[os.path.splitext(name)[1]],
                                 "variants": variants}])
    with open(os.path.join(out, "files.json"), "w") as f:
        json.dump(files, f)
