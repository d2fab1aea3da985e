"""edge_load.py: hosts that are started, loaded and watched, for bench/edge.

SPDX-License-Identifier: MIT
"""
import glob, gzip, http.client, os, re, shutil, signal, socket, statistics
import subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TICK = os.sysconf("SC_CLK_TCK")
# Enough to keep two cores busy; each costs the peer an instance of its
# JavaScript engine, and so more would only cost it more memory.
CONNECTIONS = 8
PORTS = range(21700, 21800)


def die(text):
    sys.exit("bench/edge: " + text)


def need(tool, package):
    if not shutil.which(tool):
        die("%s is missing: apt-get install %s" % (tool, package))


def run(command, **more):
    done = subprocess.run(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **more)
    if done.returncode:
        die("%s failed:\n%s" % (" ".join(command), done.stdout.decode()[-2000:]))
    return done.stdout.decode()


def timed(command, **more):
    start = time.time()
    run(command, **more)
    return time.time() - start


# ---- The machine ----

def other_load(seconds=2):
    """how much of the processors other work uses, in percent"""
    def sample():
        t = [int(n) for n in open("/proc/stat").readline().split()[1:9]]
        return sum(t), t[3] + t[4]
    all0, idle0 = sample()
    time.sleep(seconds)
    all1, idle1 = sample()
    return 100 * (1 - (idle1 - idle0) / max(1, all1 - all0))


def machine():
    model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    return {"date": time.strftime("%Y-%m-%d %H:%M"), "cores": os.cpu_count(),
            "processor": model.group(1) if model else "unknown",
            "kernel": os.uname().release, "load_average": os.getloadavg(),
            "other_work_percent": round(other_load(), 1)}


# ---- Hosts ----

def tool_path(*names):
    out = subprocess.run([os.path.join(HERE, "tests", "tools"), *names],
                         stdout=subprocess.PIPE)
    if out.returncode:
        die("the hosts could not be installed, see above")
    os.environ["PATH"] = out.stdout.decode().strip() + ":" + os.environ["PATH"]


def free_port():
    for port in PORTS:
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    die("every port from %d to %d is taken" % (PORTS[0], PORTS[-1]))


def ask(port, path, fields={}):
    """-> status, fields (lower case), content"""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        c.request("GET", path, headers=fields)
        r = c.getresponse()
        return r.status, {k.lower(): v for k, v in r.getheaders()}, r.read()
    finally:
        c.close()


class Server:
    """A process that serves; `ready` is how long its first 200 took."""

    def __init__(self, name, command, port, cwd=None, path="/"):
        self.name, self.port = name, port
        self.log = tempfile.TemporaryFile()
        start = time.time()
        # When a load ends in the middle of an answer, Viceroy panics in that
        # task; the backtrace alone would take 45 MB of debugging symbols.
        self.process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=subprocess.STDOUT, start_new_session=True,
            env=dict(os.environ, RUST_BACKTRACE="0"))
        while True:
            if self.process.poll() is not None or time.time() - start > 120:
                self.stop()
                self.log.seek(0)
                die("%s does not serve:\n%s" % (
                    name, self.log.read().decode()[-2000:]))
            try:
                if ask(port, path)[0] == 200:
                    break
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.005)
        self.ready = time.time() - start

    def family(self):
        pids = [self.process.pid]
        for p in pids:
            for task in glob.glob("/proc/%d/task/*/children" % p):
                pids += [int(c) for c in open(task).read().split()]
        return pids

    def cpu_seconds(self):
        ticks = 0
        for p in self.family():
            stat = open("/proc/%d/stat" % p).read().rsplit(")", 1)[1].split()
            ticks += int(stat[11]) + int(stat[12])
        return ticks / TICK

    def memory_mb(self):
        """the peak, of all its processes"""
        kb = 0
        for p in self.family():
            m = re.search(r"VmHWM:\s+(\d+)",
                          open("/proc/%d/status" % p).read())
            kb += int(m.group(1)) if m else 0
        return kb / 1024

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


def load(port, path, fields, seconds, status):
    """-> requests answered so, and how many a second; dies on any other"""
    command = ["h2load", "--h1", "-t1", "-c%d" % CONNECTIONS, "-D%d" % seconds]
    for name, value in fields.items():
        command += ["-H", "%s: %s" % (name, value)]
    out = run(command + ["http://127.0.0.1:%d%s" % (port, path)])
    by_class = dict((k, int(n)) for n, k in re.findall(r"(\d+) ([2-5]xx)", out))
    done = by_class["%dxx" % (status // 100)]
    failed = int(re.search(r"(\d+) failed", out).group(1))
    # h2load counts 4xx as failed; what is neither did not come at all.
    if status // 100 in (4, 5):
        failed -= done
    if done == 0 or failed or done != sum(by_class.values()):
        die("%s: not every answer was %d:\n%s" % (path, status, out))
    return done, float(re.search(r"([\d.]+) req/s", out).group(1))


# ---- Answers that must be alike ----

def disk_path(root, path):
    return os.path.join(root, path.strip("/") +
                        ("index.html" if path == "/" else ""))


def decoded(fields, body):
    coding = fields.get("content-encoding")
    if coding == "br":
        return subprocess.run(["brotli", "-dc"], input=body, check=True,
                              stdout=subprocess.PIPE).stdout
    return gzip.decompress(body) if coding == "gzip" else body


def conditional(server, path, fields):
    """the fields with the entity tag that this server gives"""
    if "If-None-Match" not in fields:
        return fields
    given = {k: v for k, v in fields.items() if v}
    return dict(given, **{"If-None-Match": ask(server.port, path,
                                               given)[1]["etag"]})


def check_alike(servers, root, requests):
    for label, path, fields, status in requests:
        for server in servers:
            got, answer, body = ask(server.port, path,
                                    conditional(server, path, fields))
            if got != status:
                die("%s: %s is %d at %s" % (label, path, got, server.name))
            if status == 200:
                if fields and answer.get("content-encoding") != "br":
                    die("%s: no br from %s" % (path, server.name))
                with open(disk_path(root, path), "rb") as f:
                    if decoded(answer, body) != f.read():
                        die("%s: other bytes from %s" % (path, server.name))


# ---- Measuring ----

def spread(values):
    return {"median": statistics.median(values), "min": min(values),
            "max": max(values), "all": values}


def shown(s, form="%.0f"):
    return "%s [%s %s]" % tuple(form % s[k] for k in ("median", "min", "max"))


def measure(a, servers, requests):
    """every row, every server in turn, rounds + 1 times"""
    result = {}
    print("  %-9s %-22s %30s %30s" % ("", "", "us of CPU a request",
                                      "requests a second"))
    for label, path, fields, status in requests:
        cpu = {s.name: [] for s in servers}
        rate = {s.name: [] for s in servers}
        for turn in range(a.rounds + 1):
            for s in servers:
                before = s.cpu_seconds()
                n, per_second = load(s.port, path,
                                     conditional(s, path, fields), a.seconds,
                                     status)
                if turn:  # the first one warms up
                    cpu[s.name].append((s.cpu_seconds() - before) / n * 1e6)
                    rate[s.name].append(per_second)
        result[label] = {s.name: {"cpu_us": spread(cpu[s.name]),
                                  "per_second": spread(rate[s.name])}
                         for s in servers}
        for s in servers:
            r = result[label][s.name]
            print("  %-9s %-22s %30s %30s" % (
                label, s.name, shown(r["cpu_us"], "%.1f"),
                shown(r["per_second"])), flush=True)
        if len(servers) == 2:
            ours, other = (result[label][s.name] for s in servers)
            ratio = {"cpu": spread([o / e for e, o in zip(
                         ours["cpu_us"]["all"], other["cpu_us"]["all"])]),
                     "per_second": spread([e / o for e, o in zip(
                         ours["per_second"]["all"],
                         other["per_second"]["all"])])}
            result[label]["ratio"] = ratio
            print("  %-9s %-22s %30s %30s" % (
                label, "times better", shown(ratio["cpu"], "%.2f"),
                shown(ratio["per_second"], "%.2f")), flush=True)
    return result


def few(a):
    """how often to do what takes long"""
    return min(a.rounds, 3)


def ready_times(a, start):
    """-> the spread of a few starts, and a server that goes on"""
    times = []
    for n in range(few(a)):
        server = start()
        times.append(server.ready)
        if n + 1 < few(a):
            server.stop()
    return spread(times), server


def compare(a, root, requests, starts):
    """starts the sides, and measures what each needs and does"""
    servers, ready = [], []
    try:
        for start in starts:
            times, server = ready_times(a, start)
            ready.append(times)
            servers.append(server)
        check_alike(servers, root, requests)
        result = {"rows": measure(a, servers, requests)}
        for server, times in zip(servers, ready):
            peak = server.memory_mb()
            result[server.name] = {"ready_s": times, "memory_mb": peak}
            print("  %-22s ready after %s s, peak memory %.0f MB" % (
                server.name, shown(times, "%.3f"), peak), flush=True)
        return result
    finally:
        for server in servers:
            server.stop()
