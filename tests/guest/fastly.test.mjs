// fastly.test.mjs - the guest for Fastly Compute on a host that can be told to
// fail at any call.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import test from "node:test";
import { FastlyHost, response } from "./fastly-host.mjs";
import { expected, guestFile, makeModule, makeSite, NO_SITE, readModule,
         requests, same, TOO_LARGE, TOO_LONG } from "./site.mjs";

const site = makeSite("fastly");
const module = readModule(makeModule(site, "fastly"));
const all = requests(site);

const asked = ({ method = "GET", target, fields = [] }) =>
  ({ method, uri: `http://site.example${target}`, fields });

function answer(request, options) {
  const host = new FastlyHost([asked(request)], options);
  assert(host.run(module), "the instance trapped");
  assert.equal(host.answers[0].state, "whole");
  return { ...response(host.answers[0]), framing: host.answers[0].framing, host };
}

for (const [name, request] of Object.entries(all))
  test(name, () => {
    const got = answer(request);
    same(got, expected(site, request));
    // Else the host would take the Content-Length from the answer to a HEAD;
    // without one it would only complain.
    assert.equal(got.framing,
      got.fields.some(([field]) => field === "content-length") ? 1 : 0);
  });

test("short writes and lists in pages of one make no difference", () => {
  const request = { ...all["a page in br"] };
  request.fields = [["Accept-Encoding", "gzip;q=0"], ["Cookie", "a"],
                    ["X-Other", "b"], ["Accept-Encoding", "br"]];
  same(answer(request, { writes: 7, lists: 1 }),
    expected(site, { target: "/",
                     fields: [["Accept-Encoding", "gzip;q=0, br"]] }));
  same(answer(all["a file of three megabytes"], { writes: 100_000 }),
    expected(site, all["a file of three megabytes"]));
});

test("the scheme and the authority of the URI are not of the target", () => {
  for (const uri of ["https://site.example/", "http://site.example",
                     "http://site.example:8080/"]) {
    const host = new FastlyHost([{ method: "GET", uri, fields: [] }]);
    assert(host.run(module));
    same(response(host.answers[0]), expected(site, { target: "/" }));
  }
});

test("one instance answers many requests, each by itself", () => {
  const list = Object.values(all);
  const host = new FastlyHost(list.map(asked));
  assert(host.run(module));
  assert.equal(host.answers.length, list.length);
  list.forEach((request, i) => {
    assert.equal(host.answers[i].state, "whole");
    same(response(host.answers[i]), expected(site, request));
  });
  assert.equal(host.handles.size, 0, "handles are left open");
});

test("a request costs few calls", () => {
  const fields = [["Host", "a"], ["User-Agent", "b"], ["Accept", "c"],
                  ["Accept-Encoding", "br"], ["Accept-Language", "d"]];
  const one = new FastlyHost([asked({ target: "/", fields })]);
  const two = new FastlyHost([asked({ target: "/", fields }),
                              asked({ target: "/", fields })]);
  one.run(module);
  two.run(module);
  // 2 to wait, 2 to close, 3 + 4 to read, 5 and one for each field to send.
  const sent = one.answers[0].fields.length;
  assert.equal(two.calls.length - one.calls.length, 2 + 2 + 3 + 4 + 6 + sent);
});

test("a host that offers no further request ends the instance", () => {
  for (const call of ["next_request", "next_request_wait"]) {
    const whole = new FastlyHost([asked(all["a page"]), asked(all["a page"])]);
    whole.run(module);
    const failAt = whole.calls.indexOf(`fastly_http_downstream.${call}`);
    const host = new FastlyHost([asked(all["a page"]), asked(all["a page"])],
      { failAt });
    assert(host.run(module));
    assert.equal(host.answers.length, 1);
    assert.equal(host.answers[0].state, "whole");
  }
});

// Whatever fails, a client never takes a part for the whole: nothing is sent,
// so that the host answers 500, or what was begun is not finished.
for (const name of ["a page", "a file of three megabytes", "two ranges", "304"])
  test(`a call that fails leaves nothing half: ${name}`, () => {
    const request = all[name], want = expected(site, request);
    const whole = new FastlyHost([asked(request)]);
    whole.run(module);
    for (let failAt = 0; failAt < whole.calls.length; failAt++) {
      const host = new FastlyHost([asked(request)], { failAt });
      const ended = host.run(module);
      const got = host.answers[0] ?? { state: "none" };
      const call = `call ${failAt}, ${whole.calls[failAt]}`;
      if (got.state === "whole")
        same(response(got), want);
      else if (got.state === "none")
        assert(!ended, `${call}: ended without an answer`);
      else
        assert(host.calls.includes("fastly_http_body.abandon") ||
          whole.calls[failAt] === "fastly_http_body.close", call);
    }
  });

test("a client that goes away does not end the instance", () => {
  const list = [asked(all["a file of three megabytes"]), asked(all["a page"])];
  const whole = new FastlyHost(list);
  whole.run(module);
  const failAt = whole.calls.indexOf("fastly_http_body.write") + 2;
  const host = new FastlyHost(list, { failAt });
  assert(host.run(module));
  assert.equal(host.answers[0].state, "abandoned");
  same(response(host.answers[1]), expected(site, all["a page"]));
});

test("what does not fit is refused, not cut", () => {
  const long = "a".repeat(100_000);
  same(answer({ target: `/${long}` }), TOO_LONG);
  same(answer({ target: "/", fields: [["Cookie", long]] }), TOO_LARGE);
  same(answer({ target: "/", fields: [["Cookie", long.slice(50_000)],
                                      ["Cookie", long.slice(50_000)]] }),
    TOO_LARGE);
  same(answer({ target: "/", fields: [[long, "a"]] }), TOO_LARGE);
  same(answer({ method: "HEAD", target: "/", fields: [["Cookie", long]] }),
    { ...TOO_LARGE, body: Buffer.alloc(0) });
  // Fields that the core does not know take no room.
  same(answer({ target: "/", fields: [["User-Agent", long]] }),
    expected(site, { target: "/" }));
});

test("a guest without a site says so", () => {
  const host = new FastlyHost([asked(all["a page"])]);
  assert(host.run(readModule(guestFile("fastly"))));
  same(response(host.answers[0]), NO_SITE);
});

test("nothing of WASI is imported", () => {
  for (const { module: from } of WebAssembly.Module.imports(module))
    assert.match(from, /^fastly_/);
});
