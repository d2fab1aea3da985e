"""cgi.py FILE.wasm: runs a CGI module in python-wasmtime for each line of
standard input, the environment as a JSON object; writes what it wrote, in
base64.
SPDX-License-Identifier: MIT
"""
import base64, json, os, sys, tempfile
import wasmtime

engine = wasmtime.Engine()
module = wasmtime.Module.from_file(engine, sys.argv[1])
linker = wasmtime.Linker(engine)
linker.define_wasi()


def run(environment, output):
    wasi = wasmtime.WasiConfig()
    wasi.env = list(environment.items())
    wasi.stdout_file = output
    store = wasmtime.Store(engine)
    store.set_wasi(wasi)
    try:
        linker.instantiate(store, module).exports(store)["_start"](store)
    except wasmtime.ExitTrap as e:
        if e.code:
            return {"why": "status %d" % e.code}
    with open(output, "rb") as f:
        return {"output": base64.b64encode(f.read()).decode()}


with tempfile.TemporaryDirectory() as place:
    for line in sys.stdin:
        try:
            reply = run(json.loads(line), os.path.join(place, "output"))
        except Exception as e:
            reply = {"why": repr(e)}
        print(json.dumps(reply), flush=True)
