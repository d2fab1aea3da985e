"""dictionary_sites.py: the releases that bench/dictionary compares.

SPDX-License-Identifier: MIT
"""
import glob, hashlib, os, re, shutil, subprocess, sys, tarfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or
                     os.path.expanduser("~/.cache"), "edgestatic-bench",
                     "packages")

# Each package with the file that a page loads, as the package ships it, and
# versions from old to new: one follows the other as a patch or as a minor
# release.
PACKAGES = [
    ("react-dom", "umd/react-dom.production.min.js", "18.2.0 18.3.1"),
    ("bootstrap", "dist/css/bootstrap.min.css", "5.3.2 5.3.3"),
    ("bootstrap", "dist/js/bootstrap.bundle.min.js", "5.3.2 5.3.3"),
    ("jquery", "dist/jquery.min.js", "3.6.4 3.7.0 3.7.1"),
    ("vue", "dist/vue.global.prod.js", "3.4.20 3.4.21 3.5.0"),
    ("d3", "dist/d3.min.js", "7.8.4 7.8.5 7.9.0"),
    ("gsap", "dist/gsap.min.js", "3.11.5 3.12.4 3.12.5"),
    ("chart.js", "dist/chart.umd.js", "4.3.3 4.4.1 4.4.2"),
    ("moment", "min/moment.min.js", "2.29.3 2.29.4 2.30.1"),
    ("axios", "dist/axios.min.js", "1.6.7 1.6.8 1.7.0"),
    ("alpinejs", "dist/cdn.min.js", "3.13.4 3.13.5 3.14.0"),
    ("htmx.org", "dist/htmx.min.js", "1.8.6 1.9.9 1.9.10"),
    ("video.js", "dist/video.min.js", "8.9.0 8.17.3 8.17.4"),
]
RELEASES = 3

# Debian's manuals; of each so many pages, evenly over the whole.
MANUALS = [("python3.11-doc", "usr/share/doc/python3.11/html"),
           ("rust-doc", "usr/share/doc/rust-doc/html")]
PAGES = 200


def die(text):
    sys.exit("bench/dictionary: " + text)


def run(command, **more):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              **more)
    except FileNotFoundError:
        die("%s is missing, see bench/dictionary --help" % command[0])
    if done.returncode:
        die("%s failed:\n%s" % (" ".join(command),
                                done.stdout.decode("utf-8", "replace")[-2000:]))
    return done.stdout.decode("utf-8", "replace")


# ---- Packages ----

def shipped(package, version, path):
    """the content of a file of a package, which npm fetches and checks"""
    folder = os.path.join(CACHE, "%s-%s" % (package, version))
    if not os.path.isdir(folder):
        fresh = folder + ".new"
        shutil.rmtree(fresh, ignore_errors=True)
        os.makedirs(fresh)
        run(["npm", "pack", "--silent", "%s@%s" % (package, version)],
            cwd=fresh)
        os.rename(fresh, folder)
    with tarfile.open(glob.glob(os.path.join(folder, "*.tgz"))[0]) as tar:
        return tar.extractfile("package/" + path).read()


def kind(old, new):
    """what a release is called whose number goes from old to new"""
    a, b = old.split("."), new.split(".")
    return "patch" if a[:2] == b[:2] else "minor" if a[:1] == b[:1] else "major"


def label(package, path):
    css = " (CSS)" if path.endswith(".css") else ""
    return package + css


def bundles(root):
    """writes RELEASES folders below root -> the steps from each to the next:
    (release, label, old version, new version, old path, new path)"""
    steps = []
    for package, path, versions in PACKAGES:
        versions = versions.split()
        names = []
        for release in range(RELEASES):
            # What has no newer version stays as it is.
            version = versions[min(release, len(versions) - 1)]
            content = shipped(package, version, path)
            stem, extension = os.path.splitext(os.path.basename(path))
            # The name that a bundler gives: it changes with the content.
            name = "/assets/%s.%s%s" % (
                stem, hashlib.sha256(content).hexdigest()[:8], extension)
            names.append(name)
            place = os.path.join(root, str(release)) + name
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as f:
                f.write(content)
        for release in range(1, len(versions)):
            steps.append((release, label(package, path), versions[release - 1],
                          versions[release], names[release - 1],
                          names[release]))
    return steps


# ---- A blog ----

POST = """---
title: "What changed since you were here"
date: 2026-10-01
tags: [caching, compression]
---

A visitor who comes back holds most of a page already. What is new of it is
often a sentence, a date, and one more line of a list.

## What a release changes

One post was corrected and one was written; the style sheet has another margin.
Every list that names the newest posts names another one now, and the rest of
each page is as it was.
"""


def blog(root):
    """two releases: a post corrected, one written, a style touched"""
    source = os.path.join(root, "source")
    shutil.copytree(os.path.join(HERE, "examples", "hugo-blog"), source)
    for release in 0, 1:
        if release:
            with open(source + "/content/posts/what-changed.md", "w") as f:
                f.write(POST)
            with open(source + "/content/posts/age.md", "a") as f:
                f.write("\nA cache that leaves Age out makes every copy look "
                        "younger than it is.\n")
            with open(source + "/assets/css/article.css", "a") as f:
                f.write("\n.article-note {\n  margin-block: 1.5rem;\n}\n")
        run(["hugo", "--quiet", "--source", source, "--destination",
             os.path.join(root, str(release)), "--baseURL", "http://site/"])
    return [os.path.join(root, "0"), os.path.join(root, "1")]


# ---- Manuals ----

def manual(root, package, inside):
    """a copy of some pages of a manual with all its style sheets and scripts,
    or None where Debian has no such package"""
    source = "/" + inside
    if not os.path.isdir(source):
        folder = os.path.join(CACHE, package)
        if not os.path.isdir(folder):
            fresh = folder + ".new"
            shutil.rmtree(fresh, ignore_errors=True)
            os.makedirs(fresh)
            if subprocess.run(["apt-get", "-q", "download", package], cwd=fresh,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode:
                return None
            run(["dpkg-deb", "-x", *glob.glob(fresh + "/*.deb"), fresh])
            os.rename(fresh, folder)
        source = os.path.join(folder, inside)
    pages = []
    for base, folders, names in os.walk(source):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(base, name)
            if name.endswith((".css", ".js")) and not os.path.islink(base):
                copy(source, path, root)
            elif name.endswith(".html") and os.path.getsize(path) > 2048:
                pages.append(path)
    step = max(1, len(pages) // PAGES)
    for path in pages[::step][:PAGES]:
        copy(source, path, root)
    return root


def copy(source, path, root):
    place = os.path.join(root, os.path.relpath(path, source))
    os.makedirs(os.path.dirname(place), exist_ok=True)
    shutil.copyfile(path, place)


def paths_of(root):
    """the pages of a site, as visitors ask for them -> path: content"""
    found = {}
    for base, _, names in os.walk(root):
        for name in names:
            if not name.endswith(".html") or name == "404.html":
                continue
            file = os.path.join(base, name)
            with open(file, "rb") as f:
                content = f.read()
            if not re.search(rb'http-equiv="?refresh', content[:2000]):
                path = "/" + os.path.relpath(file, root)
                found[re.sub(r"(?:(?<=/)index)?\.html$", "", path)] = content
    return found
