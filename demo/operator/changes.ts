const encoder = new TextEncoder();

/** Tells the open operator pages that something has changed: a stream of server-sent events for each. */
export class Changes {
  readonly #pages = new Set<ReadableStreamDefaultController<Uint8Array>>();

  subscribe(): Response {
    let page: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        page = controller;
        this.#pages.add(page);
        page.enqueue(encoder.encode("retry: 1000\n\n"));
      },
      cancel: () => {
        this.#pages.delete(page);
      },
    });
    return new Response(stream, { headers: { "content-type": "text/event-stream" } });
  }

  announce(): void {
    for (const page of this.#pages) page.enqueue(encoder.encode("data: changed\n\n"));
  }

  close(): void {
    for (const page of this.#pages) page.close();
    this.#pages.clear();
  }
}
