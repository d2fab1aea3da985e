// lambda-edge.mjs TYPE: hands each line of standard input, a request, to the
// published handler as the event of that type that CloudFront makes of it;
// writes its response.  The current folder is the published site.
// SPDX-License-Identifier: MIT
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { handler } = await import(pathToFileURL("lambda-edge.mjs"));

function toEvent({ method, target, fields, tls, country }) {
  const [uri, ...query] = target.split("?");
  const headers = { host: [{ key: "Host", value: "edgestatic.example" }] };
  for (const [key, value] of fields)
    (headers[key.toLowerCase()] ??= []).push({ key, value });
  // What a policy of the distribution adds.
  const add = (key, value) => { headers[key.toLowerCase()] = [{ key, value }]; };
  add("CloudFront-Forwarded-Proto", tls ? "https" : "http");
  if (country)
    add("CloudFront-Viewer-Country", country);
  return { Records: [{ cf: {
    config: { distributionDomainName: "d111111abcdef8.cloudfront.net",
              distributionId: "EDFDVBD6EXAMPLE", eventType: process.argv[2],
              requestId: "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26==" },
    request: { clientIp: "203.0.113.178", headers, method,
               querystring: query.join("?"), uri },
  } }] };
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    const event = toEvent(JSON.parse(line));
    const response = await handler(event);
    if (response === event.Records[0].cf.request)
      reply = { why: "passed on" };
    else
      reply = {
        status: Number(response.status),
        fields: Object.values(response.headers).flat()
          .map(({ key, value }) => [key, value]),
        body: response.bodyEncoding === "base64" ? response.body
          : Buffer.from(response.body ?? "").toString("base64"),
      };
  } catch (e) {
    reply = { why: String(e) };
  }
  process.stdout.write(JSON.stringify(reply) + "\n");
}
