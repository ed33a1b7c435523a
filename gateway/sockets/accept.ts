import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { HeddleError } from "../../shared/errors.ts";
import { demandHost, errorOf, refuseUpgrade, tokenOf, urlOf } from "../http/answers.ts";
import { addressHash, type AddressSetup } from "../readers/address.ts";
import type { Caller, Readers } from "../readers/reader.ts";
import { PING_SECONDS, SocketConnection, type SocketSetup } from "./connection.ts";
import type { Connections } from "../connections.ts";
import { FrameHandler, FRAMES_A_SECOND, type FramesSetup } from "./frames.ts";

const PATH = "/v1/realtime";
const MAX_FRAME_BYTES = 64 * 1024;
const MAX_SUBSCRIPTIONS = 1_000;
const MAX_SUBSCRIPTIONS_OF_TICKET = 100;
const SESSION = /^[\w.:-]{1,64}$/;

export interface AcceptSetup extends Omit<FramesSetup, "connection"> {
  readers: Readers;
  connections: Connections;
  address: AddressSetup;
  hostNames: readonly string[] | null;
}

/** Makes WebSockets of upgrades: those with a token at once or not at all, those with a ticket first, since a page sees no status. */
export function createAccept(setup: AcceptSetup) {
  const { readers, log } = setup;
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    clientTracking: false,
  });

  return (request: IncomingMessage, socket: Duplex, head: Uint8Array): void => {
    socket.on("error", () => socket.destroy());
    const { pathname, searchParams } = urlOf(request);
    const session = searchParams.get("session");
    const upgrade = () =>
      new Promise<import("ws").WebSocket>((resolve) =>
        server.handleUpgrade(request, socket, head as never, resolve)
      );
    const byTicket = async (ticket: string) => {
      const ws = await upgrade();
      // What comes before it is known whose it is must wait, not be lost.
      ws.pause();
      const caller = await readers.takeTicket(ticket).catch(() => null);
      const reader = caller && await readers.reachOf(caller, null).catch(() => null);
      if (!caller || !reader) {
        ws.on("error", () => ws.terminate());
        ws.resume();
        ws.send(JSON.stringify({ type: "error", code: "unauthorized", message: "Get another ticket." }));
        return ws.close(4401, "unauthorized");
      }
      open({ socket: ws, caller, reader, session, maxSubscriptions: MAX_SUBSCRIPTIONS_OF_TICKET }, setup);
    };
    const byToken = async () => {
      const from = addressHash(request, setup.address);
      const caller = await readers.callerOf(tokenOf(request), from);
      const reader = await readers.reachOf(caller, from);
      open({ socket: await upgrade(), caller, reader, session, maxSubscriptions: maxFor(caller) }, setup);
    };
    const work = async () => {
      demandHost(request, setup.hostNames);
      if (pathname !== PATH) throw new HeddleError("item_not_found", `WebSockets are at ${PATH}.`);
      if (session !== null && !SESSION.test(session)) {
        throw new HeddleError("invalid_request", "session must be 1 to 64 of A-Z a-z 0-9 _ . : -");
      }
      const ticket = searchParams.get("ticket");
      await (ticket === null ? byToken() : byTicket(ticket));
    };
    work().catch((cause) => {
      const error = errorOf(cause);
      if (error.code === "internal") log("upgrade_failed", cause);
      refuseUpgrade(socket, error);
    });
  };
}

function maxFor({ userId }: Caller): number {
  return userId === null ? MAX_SUBSCRIPTIONS : MAX_SUBSCRIPTIONS_OF_TICKET;
}

function open(
  options: SocketSetup,
  { hub, database, tally, log, connections, tell }: AcceptSetup,
): void {
  const connection = new SocketConnection(options);
  const { subscriber, maxSubscriptions } = connection;
  const frames = new FrameHandler({ connection, hub, database, tally, log, tell });
  hub.subscribers.add(subscriber);
  connections.add(connection);
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
  options.socket.resume();
}
