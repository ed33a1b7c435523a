/** Headers that concern one connection only, besides those that `Connection` names (RFC 9110, 7.6.1). */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
/** Headers that the proxy sets itself. */
const OWN = ["host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];
/** The default keeps idle connections for minutes. */
const CLIENT = Deno.createHttpClient({ poolIdleTimeout: 5_000 });
/** Methods that `fetch` refuses to send (Fetch, 2.2.1). */
export const UNSENDABLE_METHODS: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Forwards a request to `target`, with `clientAddress` as the caller's address. */
export async function forward(request: Request, target: string, clientAddress: string): Promise<Response> {
  const { search, host, protocol } = new URL(request.url);
  const ofConnection = request.headers.get("connection")?.toLowerCase().split(",") ?? [];
  const left = new Set([...HOP_BY_HOP, ...OWN, ...ofConnection.map((name) => name.trim())]);
  const headers = [...request.headers].filter(([name]) => !left.has(name));
  headers.push(
    ["x-forwarded-for", clientAddress],
    ["x-forwarded-host", host],
    ["x-forwarded-proto", protocol.slice(0, -1)],
  );
  const answer = await fetch(target + search, {
    client: CLIENT,
    method: request.method,
    headers,
    body: request.body,
    redirect: "manual",
    signal: request.signal,
  });
  return new Response(answer.body, { status: answer.status, headers: answer.headers });
}
