import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { GatewayErrorCode } from "../../shared/api/gateway.ts";
import { type ErrorCode, HeddleError } from "../../shared/errors.ts";
import { demandHost, errorOf, refuseUpgrade, tokenOf, urlOf } from "../http/answers.ts";
import { addressHash, type AddressSetup } from "../readers/address.ts";
import type { Caller, Readers } from "../readers/reader.ts";
import { PING_SECONDS, SocketConnection, type SocketSetup } from "./connection.ts";
import type { Connections } from "../connections.ts";
import { Tally } from "../limits.ts";
import { FrameHandler, FRAMES_A_SECOND, type FramesSetup } from "./frames.ts";

const PATH = "/v1/realtime";
const MAX_FRAME_BYTES = 64 * 1024;
/** Of frames that come before it is known whose they are. */
const MOST_HELD_BYTES = 128 * 1024;
const MAX_SUBSCRIPTIONS = 1_000;
const MAX_SUBSCRIPTIONS_OF_TICKET = 100;
/** Sockets of one address of which it is not known whose they are, at once. */
const MOST_UNKNOWN = 500;
/** For whoever is refused to close, too. */
const CLOSE_MS = 1_000;
/** Code, close code and what to do. */
const TICKET_REFUSALS: Partial<Record<ErrorCode, [GatewayErrorCode, number, string]>> & {
  invalid_session: [GatewayErrorCode, number, string];
} = {
  invalid_session: ["unauthorized", 4401, "Get another ticket."],
  rate_limited: ["rate_limited", 4429, "Too many wrong tickets came from here: wait."],
  too_many_connections: ["too_many_connections", 4429, "Too many connections are open: close others."],
  internal: ["internal", 4500, "Connect again with another ticket."],
};
const SESSION = /^[\w.:-]{1,64}$/;

export interface AcceptSetup extends Omit<FramesSetup, "connection"> {
  readers: Readers;
  connections: Connections;
  address: AddressSetup;
  hostNames: readonly string[] | null;
}

/** Makes WebSockets of upgrades: those with a token at once or not at all, those with a ticket first, since a page sees no status. */
export function createAccept(setup: AcceptSetup) {
  const { readers, connections, log } = setup;
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    clientTracking: false,
  });

  const unknown = createUnknown();

  return (request: IncomingMessage, socket: Duplex, head: Uint8Array): void => {
    socket.on("error", () => socket.destroy());
    const from = addressHash(request, setup.address);
    const isKnown = unknown.count(socket, from);
    if (isKnown === null) return void socket.destroy();
    const { pathname, searchParams } = urlOf(request);
    const session = searchParams.get("session");
    /** What follows does so at once, and not at all where nobody is there any more. */
    const upgrade = (then: (upgraded: Upgraded) => void) =>
      server.handleUpgrade(
        request,
        socket,
        head as never,
        (ws) => then({ ws, wire: socket, release: hold(ws) }),
      );
    const byTicket = async (ticket: string, upgraded: Upgraded) => {
      try {
        const caller = await readers.takeTicket(ticket, from);
        const reader = await readers.reachOf(caller, from);
        open(upgraded, { caller, reader, session, maxSubscriptions: MAX_SUBSCRIPTIONS_OF_TICKET }, setup);
        isKnown();
      } catch (cause) {
        refuseTicket(upgraded.ws, errorOf(cause));
        if (!(cause instanceof HeddleError)) log("upgrade_failed", cause);
      }
    };
    const byToken = async () => {
      const caller = await readers.callerOf(tokenOf(request), from);
      const reader = await readers.reachOf(caller, from);
      connections.demandRoom(caller, reader);
      isKnown();
      upgrade((upgraded) =>
        open(upgraded, { caller, reader, session, maxSubscriptions: maxFor(caller) }, setup)
      );
    };
    const work = async () => {
      demandHost(request, setup.hostNames);
      if (pathname !== PATH) throw new HeddleError("item_not_found", `WebSockets are at ${PATH}.`);
      if (session !== null && !SESSION.test(session)) {
        throw new HeddleError("invalid_request", "session must be 1 to 64 of A-Z a-z 0-9 _ . : -");
      }
      const ticket = searchParams.get("ticket");
      if (ticket === null) await byToken();
      else upgrade((upgraded) => byTicket(ticket, upgraded));
    };
    work().catch((cause) => {
      const error = errorOf(cause);
      if (error.status >= 500) log("upgrade_failed", cause);
      refuseUpgrade(socket, error);
    });
  };
}

/** Sockets by address until it is known whose they are, or they are closed. */
function createUnknown() {
  const tally = new Tally();
  return {
    /** What to call once it is known; `null`: there are too many, and this one is not counted. */
    count(socket: Duplex, address: string | null): (() => void) | null {
      if (address === null) return () => {};
      if (tally.of(address) >= MOST_UNKNOWN) return null;
      let isCounted = true;
      tally.add(address, 1);
      const isKnown = () => {
        if (isCounted) tally.add(address, -1);
        isCounted = false;
      };
      socket.on("close", isKnown);
      return isKnown;
    },
  };
}

interface Upgraded {
  ws: WebSocket;
  wire: Duplex;
  /** Hands over what has come since, and holds no more. */
  release(): void;
}

/**
 * What comes before it is known whose it is must wait, not be lost. In memory: a socket that is paused just after its upgrade
 * may never go on in Deno.
 */
function hold(ws: WebSocket): () => void {
  const held: [RawData, boolean][] = [];
  let bytes = 0;
  const keep = (data: RawData, isBinary: boolean) => {
    bytes += (data as Uint8Array).byteLength;
    if (bytes > MOST_HELD_BYTES) return ws.terminate();
    held.push([data, isBinary]);
  };
  ws.on("message", keep);
  return () => {
    ws.off("message", keep);
    for (const message of held) ws.emit("message", ...message);
  };
}

/** Says why nothing comes of a WebSocket that was opened to say so. */
function refuseTicket(ws: WebSocket, { code: cause }: HeddleError): void {
  const [code, number, message] = TICKET_REFUSALS[cause] ?? TICKET_REFUSALS.invalid_session;
  ws.on("error", () => ws.terminate());
  ws.send(JSON.stringify({ type: "error", code, message }));
  ws.close(number, code);
  const timer = setTimeout(() => ws.terminate(), CLOSE_MS);
  ws.on("close", () => clearTimeout(timer));
}

function maxFor({ userId }: Caller): number {
  return userId === null ? MAX_SUBSCRIPTIONS : MAX_SUBSCRIPTIONS_OF_TICKET;
}

function open(
  { ws, wire, release }: Upgraded,
  options: Omit<SocketSetup, "socket" | "wire">,
  { hub, database, tally, log, connections, onTold }: AcceptSetup,
): void {
  const connection = new SocketConnection({ ...options, socket: ws, wire });
  const { subscriber, maxSubscriptions } = connection;
  const frames = new FrameHandler({ connection, hub, database, tally, log, onTold });
  connections.add(connection);
  hub.subscribers.add(subscriber);
  connection.onText((text) => frames.receive(text));
  connection.onClosed(() => {
    tally.add(subscriber.reader.id, -subscriber.subscriptions.size);
    hub.leave(subscriber);
    connections.remove(connection);
  });
  connection.send({
    type: "welcome",
    connection: connection.id,
    limits: { subscriptions: maxSubscriptions, messagesPerSecond: FRAMES_A_SECOND },
    pingSeconds: PING_SECONDS,
  });
  release();
}
