// cgi.mjs FILE.wasm: runs a CGI module in Node for each line of standard
// input, the environment as a JSON object; writes what it wrote, in base64.
// Node 20 needs --no-turbo-fast-api-calls: without, it crashes in its WASI
// after some hundred calls, whatever the module.
// SPDX-License-Identifier: MIT
import { closeSync, fstatSync, openSync, readFileSync, readSync,
         unlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import { WASI } from "node:wasi";

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
// A module writes to a descriptor: that of a file without a name.
const name = `output.${process.pid}`;
const stdout = openSync(name, "w+");
unlinkSync(name);
let end = 0;

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    const wasi = new WASI({ version: "preview1", env: JSON.parse(line), stdout,
                            returnOnExit: true });
    const status = wasi.start(new WebAssembly.Instance(module,
                                                       wasi.getImportObject()));
    const output = Buffer.alloc(fstatSync(stdout).size - end);
    readSync(stdout, output, 0, output.length, end);
    end += output.length;
    reply = status ? { why: `status ${status}` }
      : { output: output.toString("base64") };
  } catch (e) {
    reply = { why: String(e) };
  }
  process.stdout.write(JSON.stringify(reply) + "\n");
}
closeSync(stdout);
