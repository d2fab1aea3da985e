"""wasi.py MODULE NAME=VALUE...: runs a WASI command with this environment in
Python's wasmtime.  SPDX-License-Identifier: MIT"""
import sys
from wasmtime import Engine, ExitTrap, Linker, Module, Store, WasiConfig

engine = Engine()
linker = Linker(engine)
linker.define_wasi()
store = Store(engine)
config = WasiConfig()
config.env = [pair.split("=", 1) for pair in sys.argv[2:]]
config.inherit_stdout()
config.inherit_stderr()
store.set_wasi(config)
instance = linker.instantiate(store, Module.from_file(engine, sys.argv[1]))
try:
    instance.exports(store)["_start"](store)
except ExitTrap as e:
    sys.exit(e.code)
