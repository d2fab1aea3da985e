"""Requests and answers of the parity test, and two ways of asking.

`Core` asks the core itself, whose answers are the measure; `over_sockets`
replays requests over kept-alive connections to a server.
SPDX-License-Identifier: MIT
"""
import io, os, queue, subprocess, sys, threading
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE),
                                                    "conformance")]
import run_cases
import serve

AUTHORITY = "edgestatic.example"

# Text stands for bytes as latin-1, here and everywhere in this test.
# tls: the connection is secured; country: the client's, or "".
Request = namedtuple("Request", "group method target fields tls country",
                     defaults=(False, ""))
# fields: sorted pairs of a lower-case name and a value, since neither the case
# of names nor the order of differently named fields means anything (RFC 9110
# sections 5.1 and 5.3).  why is set when there is no usable answer.
Answer = namedtuple("Answer", "status fields body why")


# Of which a line is no member of a list (RFC 9110 section 5.3).
APART = ["set-cookie"]


def answer(status, fields, body):
    """Lines of one name are joined, as section 5.3 allows anyone to do."""
    lines, joined = [], {}
    for name, value in fields:
        name = name.lower()
        if name in APART:
            lines.append((name, value))
        else:
            joined[name] = joined[name] + ", " + value if name in joined \
                else value
    return Answer(status, sorted(lines + list(joined.items())), body, None)


def no_answer(why):
    return Answer(0, [], b"", why)


def brief(request):
    """A request on one line."""
    line = "%s %s" % (request.method, request.target)
    line += " [TLS]" * request.tls + " [%s]" % request.country * (
        request.country != "")
    line += "".join(" [%s: %s]" % f for f in request.fields)
    line = line.encode("unicode_escape").decode()
    return line if len(line) <= 200 else line[:197] + "..."


def parse(output):
    """What `edgestatic get` prints, as an answer."""
    head, _, body = output.partition(b"\n\n")
    status, *lines = head.decode("latin-1").split("\n")
    return answer(int(status.split(" ")[1]),
                  [tuple(line.split(": ", 1)) for line in lines], body)


class Core:
    """What the core answers from a pack; by the program `answers`."""

    def __init__(self, pack):
        self.command = [os.path.join(serve.BUILD, "tests", "parity",
                                     "answers"), pack]
        self.known = {}

    def all(self, requests):
        new = list({r[1:]: r for r in requests if r[1:] not in self.known}
                   .values())
        if new:
            self.learn(new)
        return [self.known[r[1:]] for r in requests]

    def learn(self, requests):
        text = "".join("%s %s %s %s\n%s\n" % (
            "tls" if r.tls else "-", r.country or "-", r.method, r.target,
            "".join("%s: %s\n" % f for f in r.fields)) for r in requests)
        p = subprocess.run(self.command, input=text.encode("latin-1"),
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if p.returncode or serve.TROUBLE.search(p.stderr):
            raise serve.Died("answers: status %d: %r" % (p.returncode,
                                                         p.stderr))
        out = io.BytesIO(p.stdout)
        for request in requests:
            self.known[request[1:]] = parse(out.read(int(out.readline())))

    def one(self, request):
        return self.all([request])[0]


def wire(request):
    """A request as bytes on the wire, which tell neither tls nor country."""
    fields = list(request.fields)
    if not any(name.lower() == "host" for name, _ in fields):
        fields.insert(0, ("Host", AUTHORITY))
    return ("%s %s HTTP/1.1\r\n%s\r\n\r\n" % (
        request.method, request.target,
        "\r\n".join("%s: %s" % f for f in fields))).encode("latin-1")


def over_sockets(port, requests, connections=4, patience=20):
    """Answers of the server on a port of 127.0.0.1, in the same order."""
    answers = [None] * len(requests)
    todo = queue.SimpleQueue()
    for i in range(len(requests)):
        todo.put(i)

    def worker():
        conn = None
        while True:
            try:
                i = todo.get_nowait()
            except queue.Empty:
                break
            fresh = conn is None
            conn, answers[i] = exchange(port, conn, requests[i], patience)
            # A server may close a connection between two requests.
            if answers[i] is None and not fresh:
                conn, answers[i] = exchange(port, None, requests[i], patience)
            if answers[i] is None:
                answers[i] = no_answer("closed without an answer")
        if conn:
            conn.close()

    threads = [threading.Thread(target=worker) for _ in range(connections)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return answers


def exchange(port, conn, request, patience):
    """(the connection to go on with or None, the answer or None)."""
    try:
        conn = conn or run_cases.Conn("127.0.0.1", port, patience)
    except OSError as e:
        return None, no_answer("no connection: %s" % e)
    conn.send(wire(request))
    r = run_cases.read_response(conn, request.method, patience)
    if r is None:
        late = not (conn.eof or conn.reset)
        conn.close()
        return None, no_answer("no answer in time") if late else None
    if r.problems or not r.complete:
        conn.close()
        return None, no_answer("broken: %s" % "; ".join(r.problems))
    close = "close" in (r.get("connection") or "").lower() or conn.eof
    if close:
        conn.close()
    return None if close else conn, answer(r.status, r.headers, r.body)
