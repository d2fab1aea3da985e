"""driver.py: a real Chromium by chromedriver, for the tests in this folder.

SPDX-License-Identifier: MIT
"""
import json, os, subprocess, time, urllib.error, urllib.request

import serve

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]


class Driver:
    """chromedriver and one session of it; its protocol is JSON over HTTP."""

    def __init__(self, place, *flags):
        self.port = serve.free_port()
        self.log = open(os.path.join(place, "chromedriver.log"), "wb")
        self.process = subprocess.Popen(
            ["chromedriver", "--port=%d" % self.port],
            stdout=self.log, stderr=subprocess.STDOUT)
        end = time.monotonic() + 30
        while True:
            try:
                if self.call("GET", "/status")["ready"]:
                    break
            except OSError:
                pass
            if time.monotonic() > end:
                raise serve.Died("chromedriver does not answer")
            time.sleep(0.1)
        self.session = "/session/" + self.call("POST", "/session", {
            "capabilities": {"alwaysMatch": {
                "browserName": "chrome",
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                "goog:chromeOptions": {"args": [*FLAGS, *flags,
                    "--user-data-dir=" + os.path.join(place, "profile")]},
            }}})["sessionId"]

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            "http://127.0.0.1:%d%s" % (self.port, path), method=method,
            data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as r:
                return json.load(r)["value"]
        except urllib.error.HTTPError as e:
            raise serve.Died("chromedriver: %s" % json.load(e)["value"])

    def open(self, url):
        """Loads a page: what came on the console."""
        self.call("POST", self.session + "/url", {"url": url})
        time.sleep(0.3)  # for what scripts do once the page has loaded
        return self.messages()

    def reload(self):
        """Asks for the page again, whatever is in the cache."""
        self.call("POST", self.session + "/refresh", {})
        time.sleep(0.3)
        return self.messages()

    def run(self, script):
        """What the script gives to its last argument."""
        return self.call("POST", self.session + "/execute/async",
                         {"script": script, "args": []})

    def messages(self):
        """What came on the console since it was asked for last."""
        log = self.call("POST", self.session + "/se/log", {"type": "browser"})
        return [m["message"] for m in log if m["level"] in ("WARNING", "SEVERE")]

    def devtools(self, command, parameters=None):
        """A command of the DevTools protocol."""
        return self.call("POST", self.session + "/goog/cdp/execute",
                         {"cmd": command, "params": parameters or {}})

    def events(self):
        """What DevTools told since it was asked last: method, parameters."""
        log = self.call("POST", self.session + "/se/log",
                        {"type": "performance"})
        told = [json.loads(entry["message"])["message"] for entry in log]
        return [(event["method"], event["params"]) for event in told]

    def close(self):
        try:
            self.call("DELETE", self.session)
        finally:
            self.process.terminate()
            self.process.wait(20)
            self.log.close()
