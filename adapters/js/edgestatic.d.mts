// edgestatic.d.mts - the types of edgestatic.mjs.
//
//   import { open, targetOf, whole } from "./edgestatic.mjs";
//   const site = open(await WebAssembly.compile(guest), pack);
//
//   function serve(request: Request): Response {
//     const answer = site.answer({
//       method: request.method,
//       target: targetOf(request.url),
//       tls: request.url.startsWith("https:"),
//       get: (name) => request.headers.get(name),
//     });
//     return new Response(whole(answer), { status: answer.status,
//                                          headers: [...answer.headers] });
//   }
//
// SPDX-License-Identifier: MIT

/** A request, as its host received it. */
export interface SiteRequest {
  /** "GET"; case-sensitive. */
  readonly method: string;
  /** The raw request target, still percent-encoded, with its query:
   *  "/a%20b?c", "*" or an absolute form. */
  readonly target: string;
  /** The client's connection is secured. */
  readonly tls: boolean;
  /** The two letters of the client's country, where the host knows it: rules
   *  may ask for it. */
  readonly country?: string | undefined;
  /** The value of the field with this name, which is in lower case; null or
   *  undefined when the request has none.  Several field lines of one name
   *  are joined by ", " (RFC 9110 section 5.3), those of cookie by "; ". */
  get(name: string): string | null | undefined;
}

/** What to send.  Change nothing in it but `prepared`: one that has an id is
 *  kept, and given again to the next request that it answers. */
export interface Answer {
  readonly status: number;
  /** Fields in order, [name, value] each.  Content-Length is among them where
   *  RFC 9110 section 8.6 wants it; Date and Connection are the host's. */
  readonly headers: ReadonlyArray<[name: string, value: string]>;
  /** The content in order; none for HEAD, 204 and 304.  Views of the pack:
   *  send them, do not write to them. */
  readonly body: readonly Uint8Array<ArrayBuffer>[];
  /** Bytes of the content that a GET gets. */
  readonly contentLength: number;
  /** Not 0: every answer of this site with the same id has the same status,
   *  fields and content. */
  readonly id: number;
  /** False: the site has nothing at this path, and this is its 404. */
  readonly found: boolean;
  /** A host's own: what it made of this answer, to use it again. */
  prepared: any;
}

export interface Site {
  /** Answers a request.  Never throws for what a client can send: 404, 405,
   *  412, 416 are answers, and what is too long gets 414 or 431. */
  answer(request: SiteRequest): Answer;
}

/** Opens a pack, which is checked in full.  `module` is workers.wasm, compiled.
 *  The index of the pack is copied, its bodies are not: the bytes must stay
 *  unchanged for as long as the site is used.
 *  @throws Error with one line of what is wrong: not workers.wasm, not a pack,
 *  a damaged or truncated one, one that needs a newer edgestatic. */
export function open(
  module: WebAssembly.Module,
  pack: ArrayBuffer | ArrayBufferView<ArrayBuffer>,
): Site;

/** The request target in the URL of a Fetch Request, as it stands there. */
export function targetOf(url: string): string;

/** The segments of a body in one: null when there are none, the only one
 *  itself, or a copy of them all. */
export function whole(
  answer: Pick<Answer, "body" | "contentLength">,
): Uint8Array<ArrayBuffer> | null;
