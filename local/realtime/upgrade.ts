import { admit } from "./admission.ts";
import { RealtimeSocket, type Transport } from "./channels/socket.ts";
import { codecFor } from "./codec/codec.ts";
import { isOpenedWithKey, withKeyLife } from "./connection_life.ts";
import type { Services } from "./services.ts";

/** Not to be sent by any endpoint (RFC 6455, 7.4.1): a client that gets it fails the connection. */
const ABNORMAL_CLOSURE = 1006;

/**
 * Turns a request into a socket, or refuses it as Realtime does.
 * Protocol versions that are not spoken get 403 and no body.
 */
export async function upgrade(
  services: Services,
  sockets: Set<RealtimeSocket>,
  request: Request,
  callerToken: string | null,
): Promise<Response> {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return new Response("Bad Request", { status: 400 });
  }
  const codec = codecFor(new URL(request.url).searchParams.get("vsn"));
  if (!codec) return new Response(null, { status: 403 });

  const admission = await admit(services, { token: hasKey(request) ? callerToken : null, sockets });
  if ("refusal" in admission) return admission.refusal;

  // The request is gone once the socket is open.
  const headers = xHeaders(request);
  const { token } = admission;
  const connectionServices = isOpenedWithKey(request) ? withKeyLifeOf(services, token) : services;
  // No pings of Deno's own: Realtime knows only the client's heartbeats.
  const { socket: webSocket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  webSocket.binaryType = "arraybuffer";
  webSocket.onopen = () => {
    if (services.faults.isDown) return webSocket.close(ABNORMAL_CLOSURE); // since it was let in
    const socket = new RealtimeSocket(connectionServices, {
      transport: transportOf(webSocket),
      codec,
      token,
      headers,
    });
    sockets.add(socket);
    webSocket.onmessage = ({ data }) =>
      socket.receive(typeof data === "string" ? data : new Uint8Array(data));
    webSocket.onclose = () => {
      sockets.delete(socket);
      socket.disconnected();
    };
  };
  return response;
}

/** A connection's key comes in one of these ways; an `Authorization` alone is none. */
function hasKey({ headers, url }: Request): boolean {
  return headers.has("x-api-key") || headers.has("apikey") || new URL(url).searchParams.has("apikey");
}

function withKeyLifeOf(services: Services, token: string): Services {
  const { clock, settings } = services;
  const endsAt = clock.now() + settings.keyLifeMs;
  return {
    ...services,
    verifyToken: withKeyLife(services.verifyToken, { token, endsAt, now: () => clock.now() }),
  };
}

function transportOf(webSocket: WebSocket): Transport {
  const isOpen = () => webSocket.readyState === WebSocket.OPEN;
  return {
    send: (frame) => isOpen() && webSocket.send(frame),
    close: (code, reason) => isOpen() && webSocket.close(code, reason),
    drop: () => isOpen() && webSocket.close(ABNORMAL_CLOSURE),
  };
}

function xHeaders(request: Request): Record<string, string> {
  return Object.fromEntries([...request.headers].filter(([name]) => name.startsWith("x-")));
}
