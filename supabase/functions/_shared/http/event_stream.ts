import type { Envelope } from "../../../../shared/events.ts";

/** Milliseconds: proxies take a connection that is silent for longer for dead. */
const PING_MS = 15_000;

export interface EventStream {
  /** Server-sent events, each with an envelope as its data. */
  response: Response;
  /** False once the reader went away, or it was closed. */
  readonly isOpen: boolean;
  send(event: Envelope): void;
  close(): void;
}

export function openEventStream(): EventStream {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  const write = (text: string) => controller?.enqueue(encoder.encode(text));
  const ping = setInterval(() => write(":\n\n"), PING_MS);

  function end() {
    clearInterval(ping);
    controller = null;
  }

  const body = new ReadableStream<Uint8Array>({
    start: (opened) => void (controller = opened),
    cancel: end,
  });
  return {
    response: new Response(body, {
      headers: { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" },
    }),
    get isOpen() {
      return controller !== null;
    },
    send: (event) => write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
    close() {
      controller?.close();
      end();
    },
  };
}
