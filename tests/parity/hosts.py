"""The hosts of the parity test: how each is started, and what it owns.

SPDX-License-Identifier: MIT
"""
import base64, json, os, re, shutil, signal, subprocess, tempfile, threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote_to_bytes
from ask import HERE, answer, no_answer, over_sockets, parse, serve
import rules
from rules import Apart, Field, Passes, Refuses, Takes

VENV = os.path.join(serve.TOP, "build", "venv", "bin", "python")


class Server(serve.Server):
    """A server with children of its own: a process group."""

    def __init__(self, command, cwd, **environment):
        self.environment, self.cwd = environment, cwd
        self.port = serve.free_port()
        # A command after "$" is put in by its path.
        found = lambda part: re.sub(r"\$(\w+)", lambda m: shutil.which(m[1]),
                                    part)
        self.start([found(part.replace("PORT", str(self.port)))
                    for part in command])

    def start(self, command, patience=60):
        self.base = "http://127.0.0.1:%d" % self.port
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command, cwd=self.cwd, start_new_session=True,
            env=dict(os.environ, **{k: v.replace("PORT", str(self.port))
                                    for k, v in self.environment.items()}),
            stdin=subprocess.DEVNULL, stdout=self.out,
            stderr=subprocess.STDOUT)
        self.wait(patience)

    def ask(self, requests):
        return over_sockets(self.port, requests)

    def __exit__(self, *_):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                break
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                pass
        self.process.wait()


class Lines:
    """A program that reads a request a line and writes an answer a line."""

    def __init__(self, command, cwd):
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.out)

    def talk(self, values):
        def feed():
            try:
                for value in values:
                    self.process.stdin.write(json.dumps(value).encode() + b"\n")
                self.process.stdin.close()
            except BrokenPipeError:
                pass

        feeder = threading.Thread(target=feed)
        feeder.start()
        replies = [json.loads(line) for line in self.process.stdout]
        feeder.join()
        replies += [{"why": "ended: " + self.text()[-300:]}] * (
            len(values) - len(replies))
        return replies

    def ask(self, requests):
        return [no_answer(r["why"]) if "why" in r else
                answer(r["status"], r["fields"], base64.b64decode(r["body"]))
                for r in self.talk([r._asdict() for r in requests])]

    text = serve.Server.text

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Native:
    def start(self, site):
        server = serve.Server(site.pack)
        server.ask = lambda requests: over_sockets(server.port, requests)
        return server


class Served:
    """A published site behind a server."""

    def __init__(self, target, *command, **environment):
        self.target, self.command = target, command
        self.environment = environment

    def start(self, site):
        return Server(self.command, site.published(self.target),
                      **self.environment)


class Workerd(Served):
    """Told what Cloudflare's edge tells it: by fields that the socket takes
    for it, with options which a folder of its own gets."""

    TOLD = 'http = (forwardedProtoHeader = "X-Proto", cfBlobHeader = "X-CF")'

    def start(self, site):
        place = site.published(self.target)
        with open(os.path.join(place, "config.capnp")) as f:
            config = f.read()
        told = config.replace("http = ()", self.TOLD)
        assert told != config
        with open(os.path.join(place, "told.capnp"), "w") as f:
            f.write(told)
        server = super().start(site)
        ask = server.ask
        server.ask = lambda requests: ask([self.tell(r) for r in requests])
        return server

    @staticmethod
    def tell(request):
        more = ()
        if request.tls:
            more += (("X-Proto", "https"),)
        if request.country:
            more += (("X-CF", json.dumps({"country": request.country})),)
        return request._replace(fields=request.fields + more)


class Called:
    """A published site that a driver beside this file calls."""

    def __init__(self, target, *command):
        self.target, self.command = target, command

    def start(self, site):
        return Lines([part.replace("HERE", HERE) for part in self.command],
                     site.published(self.target))


def utf8(text):
    """What a variable of the environment becomes in Node and Python, which
    take it for UTF-8; text stands for its bytes."""
    return text.encode("latin-1").decode("utf-8", "replace")


def meta_variables(request, uri):
    """RFC 3875 section 4.1: a request as a CGI script sees it.

    uri: with REQUEST_URI, the target as it came, which nearly all servers
    give.  Without, PATH_INFO is the decoded path (section 4.1.5).
    """
    path, _, query = request.target.partition("?")
    variables = {"GATEWAY_INTERFACE": "CGI/1.1", "SERVER_NAME": "localhost",
                 "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
                 "SCRIPT_NAME": "", "REQUEST_METHOD": request.method,
                 "QUERY_STRING": query}
    if uri:
        variables["REQUEST_URI"] = request.target
    else:
        variables["PATH_INFO"] = unquote_to_bytes(
            path.encode("latin-1")).decode("latin-1")
    if request.tls:
        variables["HTTPS"] = "on"
    for name, value in request.fields:
        name = "HTTP_" + name.upper().replace("-", "_")
        if name in variables:
            value = variables[name] + (
                "; " if name == "HTTP_COOKIE" else ", ") + value
        variables[name] = value
    return variables


def from_cgi(output):
    """RFC 3875 section 6: what a CGI script wrote, as an answer."""
    head, blank, body = output.partition(b"\r\n\r\n")
    if not blank:
        return no_answer("no CGI response: %r" % output[:60])
    status, fields = 200, []
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(": ")
        if name == "Status":
            status = int(value.split(" ")[0])
        else:
            fields.append((name, value))
    return answer(status, fields, body)


class Cgi(Called):
    """A module for CGI, run once for each request by a driver."""

    def __init__(self, *command, uri):
        super().__init__("cgi", *command)
        self.uri = uri

    def start(self, site):
        lines = super().start(site)
        ask = lambda requests: [
            no_answer(r["why"]) if "why" in r else
            from_cgi(base64.b64decode(r["output"])) for r in
            lines.talk([{name: utf8(value) for name, value in
                         meta_variables(r, self.uri).items()}
                        for r in requests])]
        lines.ask = ask
        return lines


class Processes:
    """A process for each request."""

    def ask(self, requests):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(self.one, requests))

    def one(self, request):
        p = subprocess.run(
            [part.encode("latin-1") for part in self.command(request)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        if p.returncode:
            return no_answer("status %d: %r" % (p.returncode, p.stderr[-200:]))
        return self.parse(p.stdout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Get(Processes):
    # Behind libtool's script, which would take longer than all the rest.
    BUILT = os.path.join(serve.BUILD, ".libs", "edgestatic")

    def start(self, site):
        self.pack = site.pack
        self.program = serve.COMMAND
        if os.path.exists(self.BUILT):
            self.program = self.BUILT
            os.environ["LD_LIBRARY_PATH"] = os.path.dirname(self.BUILT)
        return self

    def command(self, request):
        fields = ["-H%s: %s" % field for field in request.fields]
        return [self.program, "get", self.pack, "-X", request.method,
                *fields, "--", request.target]

    parse = staticmethod(parse)


class CgiProcess(Processes):
    def start(self, site):
        place = site.published("cgi")
        self.module = os.path.join(place, "site.cwasm")
        subprocess.run(["wasmtime", "compile", "site.wasm", "-o", self.module],
                       cwd=place, check=True)
        return self

    def command(self, request):
        command = ["wasmtime", "run", "--allow-precompiled"]
        for variable in meta_variables(request, True).items():
            command += ["--env", "%s=%s" % variable]
        return command + [self.module]

    parse = staticmethod(from_cgi)


class Host:
    """A way to run it, and its table: what is the host's own."""

    def __init__(self, name, title, how, fields=(), requests=(), sample=0,
                 note=None):
        """sample: asked for so many requests of each group, method and
        status; 0: for all of them."""
        self.name, self.title, self.how = name, title, how
        self.fields, self.requests, self.sample = fields, requests, sample
        self.note = note


DATE = Field("Date", "adds", "RFC 9110 section 6.6.1 asks it of an origin "
             "server with a clock; the core has none")
LONG = "target of more than 65,000 bytes"
BUFFER = Refuses(LONG, 414, "the guest has 96 KiB for the text of a request, "
                 "more than any platform lets through")

PLAIN = "over TLS"
NO_TLS = Takes(PLAIN, rules.not_over_tls, "takes it for one over HTTP",
               "it speaks HTTP alone; a proxy in front may add "
               "Strict-Transport-Security")
HERE_PLAIN = Takes(PLAIN, rules.not_over_tls, "takes it for one over HTTP",
                   "here it speaks HTTP alone; where it runs for real, the "
                   "scheme of the URI tells")
NO_COUNTRY = Takes("a country", rules.of_no_country, "does not know it",
                   "nothing there tells where a client is")
URI = Refuses("< or > in the target", 400, "hyper takes no target that is not "
              "a URI")
HYPER = [URI, Refuses(LONG, 414, "hyper's own limit"), HERE_PLAIN, NO_COUNTRY]
VICEROY = [
    HERE_PLAIN,
    Takes("a country", rules.of_no_country, "does not know it",
          "the guest asks no database of addresses"),
    URI,
    Refuses("bytes above 127 in the target", 400, "likewise"),
    Refuses(LONG, 414, "hyper's own limit"),
    Takes("target *", rules.root, "makes it /", "the target comes to "
          "the guest as a URI, which cannot tell the two"),
]
NODE = [
    Field("Connection", "adds", "Node says that it keeps it"),
    Field("Keep-Alive", "adds", "and for how long"),
]
CLOUDFRONT = [
    Field("Content-Length", "leaves out", "CloudFront writes it, and takes "
          "none of a function"),
]
PROCESSES = ("Asked for a sample of every group, method and status, since each "
             "request takes a process.")
NO_CLOUDFRONT = ("The test makes the events; CloudFront itself does not run "
                 "here.")
PARSER = [
    Refuses(LONG, 431, "Node reads 16 KiB of a request's head"),
    Refuses("bytes above 127 in the target", 400, "Node's parser takes no "
            "target that is not a URI"),
    Refuses("a method in lower case", 400, "nor methods that it does not "
            "know"),
]

HOSTS = [
    Host("get", "`edgestatic get`", Get(), requests=[
        Takes(PLAIN, rules.not_over_tls, "takes it for one over HTTP",
              "no option says it"),
        Takes("a country", rules.of_no_country, "does not know it",
              "likewise"),
    ], sample=40, note=PROCESSES),
    Host("native", "`edgestatic serve` (libmicrohttpd)", Native(), [
        DATE,
        Field("Server", "adds", "names the program, RFC 9110 section 10.2.4"),
        Field("Content-Length", "adds", "libmicrohttpd writes the length of "
              "the 200, as RFC 9110 section 8.6 allows", "status 304"),
    ], [Refuses(LONG, 414, "libmicrohttpd's own limit"), NO_TLS, NO_COUNTRY]),
    Host("cgi-node", "CGI module in node:wasi",
         Cgi("node", "--no-warnings", "--no-turbo-fast-api-calls",
             "HERE/cgi.mjs", "site.wasm", uri=True), requests=[NO_COUNTRY]),
    Host("cgi-python", "CGI module in python-wasmtime, from a server without "
         "REQUEST_URI",
         Cgi(VENV, "HERE/cgi.py", "site.wasm", uri=False),
         requests=[
             BUFFER,
             NO_COUNTRY,
             Takes("escapes that need not be, or lack",
                   rules.escapes_made_anew, "writes them anew, and %2F as /",
                   "PATH_INFO is decoded (RFC 3875 section 4.1.5)"),
             Apart("what is not UTF-8 in the path", "Python's variables are "
                   "text"),
             Apart("% without two digits", "likewise; a server "
                   "refuses what cannot be decoded"),
             Apart("%00 in the path", "an environment variable ends at a NUL"),
         ]),
    Host("cgi-wasmtime", "CGI module in `wasmtime run`", CgiProcess(),
         requests=[NO_COUNTRY], sample=8, note=PROCESSES),
    Host("viceroy", "Fastly Compute in Viceroy",
         Served("fastly", "viceroy", "serve", "--addr", "127.0.0.1:PORT",
                "bin/main.wasm"), [DATE], VICEROY),
    Host("fastly", "Fastly Compute in `fastly compute serve --skip-build`",
         Served("fastly", "fastly", "compute", "serve", "--skip-build",
                "--non-interactive", "--viceroy-path=$viceroy",
                "--addr=127.0.0.1:PORT"), [DATE], VICEROY),
    Host("wasi-http", "wasi:http 0.2 in `wasmtime serve`",
         Served("wasi-http", "wasmtime", "serve", "--addr", "127.0.0.1:PORT",
                "site.wasm"), [DATE], HYPER),
    Host("wasi-http-jco", "wasi:http 0.2 in `jco serve` (Node)",
         Served("wasi-http", "jco", "serve", "--host", "127.0.0.1", "--port",
                "PORT", "site.wasm"), [DATE] + NODE + [
                    Field("Set-Cookie", "leaves out", "jco sends the last line "
                          "of a name; the guest joins those that may be",
                          "two lines of it")],
         PARSER + [HERE_PLAIN, NO_COUNTRY]),
    Host("wasi-http-p3", "wasi:http 0.3 in `wasmtime serve`",
         Served("wasi-http-p3", "wasmtime", "serve", "-W",
                "component-model-async", "-S", "p3", "--addr",
                "127.0.0.1:PORT", "site.wasm"), [DATE], HYPER),
    Host("workers", "Cloudflare Workers in workerd",
         Workerd("workers", "workerd", "serve", "told.capnp",
                "--socket-addr=http=127.0.0.1:PORT"),
         requests=[
             BUFFER,
             Refuses("< or > in the target", 400, "workerd takes no target "
                     "that is not a URI"),
             Takes("a comma and a blank in a Cookie", rules.cookies_split,
                   "takes it for a semicolon", "what Headers makes of several "
                   "lines looks the same"),
             Refuses("a method in lower case", 501, "workerd knows it by no "
                     "other name"),
         ]),
    Host("node", "Node's http",
         Served("node", "node", "server.mjs", PORT="PORT"), [DATE] + NODE,
         PARSER + [NO_TLS, NO_COUNTRY]),
    Host("lambda-origin", "Lambda@Edge, events of type origin-request",
         Called("node", "node", "HERE/lambda-edge.mjs", "origin-request"),
         CLOUDFRONT, [
             BUFFER,
             Takes("a Range or an If- field", rules.whole, "answers without",
                   "the answer goes into CloudFront's cache, which makes 304 "
                   "and 206 of it"),
             Takes("an Available-Dictionary",
                   rules.without("Available-Dictionary"), "answers without",
                   "likewise; a delta there would reach those who cannot "
                   "decode it"),
         ], note=NO_CLOUDFRONT),
    Host("lambda-viewer", "Lambda@Edge, events of type viewer-request",
         Called("node", "node", "HERE/lambda-edge.mjs", "viewer-request"),
         CLOUDFRONT, [
             BUFFER,
             Passes("content of more than 28,000 bytes", "CloudFront takes "
                    "40 KB, in base64 and with all around it"),
         ], note=NO_CLOUDFRONT),
    Host("service-worker", "A service worker's events",
         Called("node", "node", "HERE/service-worker.mjs"),
         requests=[
             BUFFER,
             Apart("a method other than GET and HEAD", "left to the network"),
             Apart("target *", "no URL has it"),
             Takes("dot segments or \\ in the path", rules.dots_resolved,
                   "resolves them", "a browser does so in every URL"),
             Takes('" { or } in the path', rules.escaped, "escapes it",
                   "likewise"),
             Takes("all", rules.over_tls, "has come over TLS",
                   "browsers run service workers on secured sites alone"),
             Takes("all", rules.of_an_unknown_country, "is of country XX",
                   "which is none, and makes an answer say that a rule asked "
                   "for one: that request is the network's first"),
             Takes("a Cookie", rules.without("Cookie"), "does not see it",
                   "no browser shows it to a service worker, which asks the "
                   "network first where an answer depends on one"),
             Takes("an Accept-Encoding", rules.without("Accept-Encoding"),
                   "takes it for identity", "a browser decodes what comes from "
                   "the network, not what comes from a service worker"),
             Takes("an Accept without a Sec-Fetch-Mode",
                   rules.in_no_navigation, "says that it is no navigation",
                   "a browser knows the mode of each request"),
         ], note="The test makes the events; `tests/js` has the browser."),
]
