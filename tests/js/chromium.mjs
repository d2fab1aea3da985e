// chromium.mjs - a real Chromium, driven by chromedriver: JSON over HTTP.
// SPDX-License-Identifier: MIT
import { spawn } from "node:child_process";
import { join } from "node:path";
import { freePort } from "./common.mjs";

const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu",
               "--no-first-run", "--disable-background-networking",
               "--disable-component-update", "--disable-sync"];

// That the browser asks for, the same on every machine.
const LANGUAGES = "fr-CH,de";

export class Chromium {
  static async start(folder) {
    const self = new Chromium();
    self.base = `http://127.0.0.1:${await freePort()}`;
    self.driver = spawn("chromedriver", [`--port=${new URL(self.base).port}`],
                        { stdio: "ignore" });
    for (const end = Date.now() + 30e3; ; ) {
      try {
        if ((await self.call("GET", "/status")).ready)
          break;
      } catch (e) {
        if (Date.now() > end)
          throw e;
      }
      await new Promise((done) => setTimeout(done, 100));
    }
    const { sessionId } = await self.call("POST", "/session", {
      capabilities: { alwaysMatch: {
        browserName: "chrome",
        "goog:chromeOptions": {
          args: [...FLAGS, `--user-data-dir=${join(folder, "profile")}`],
          prefs: { "intl.accept_languages": LANGUAGES },
        },
      } },
    });
    self.session = `/session/${sessionId}`;
    return self;
  }

  async call(method, path, body) {
    const answer = await fetch(this.base + path, {
      method, body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(60e3),
    });
    const { value } = await answer.json();
    if (!answer.ok)
      throw new Error(`chromedriver: ${value.error}: ${value.message}`);
    return value;
  }

  open(url) {
    return this.call("POST", `${this.session}/url`, { url });
  }

  // Runs an async function in the page; its result.
  async run(f, ...args) {
    const script = `const done = arguments[arguments.length - 1];
      (${f})(...[...arguments].slice(0, -1)).then(
        (value) => done({ value }), (e) => done({ error: String(e) }));`;
    const { value, error } = await this.call("POST",
      `${this.session}/execute/async`, { script, args });
    if (error)
      throw new Error(`in the page: ${error}`);
    return value;
  }

  // A command of the DevTools protocol.
  devtools(cmd, params = {}) {
    return this.call("POST", `${this.session}/goog/cdp/execute`,
                     { cmd, params });
  }

  async close() {
    try {
      await this.call("DELETE", this.session);
    } finally {
      this.driver.kill();
    }
  }
}
