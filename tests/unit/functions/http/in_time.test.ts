import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  deadline,
  leaveBody,
  piecesOf,
  readBeginning,
  readBytes,
  within,
} from "../../../../supabase/functions/_shared/http/in_time.ts";
import { followTimers } from "../../../support/pending_timers.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const ever = new AbortController().signal;

/** A body in the test's hands, which no signal ends. */
function open(...pieces: string[]) {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let hasLeft = false;
  const body = new ReadableStream<Uint8Array>({
    start(opened) {
      controller = opened;
      for (const piece of pieces) opened.enqueue(bytes(piece));
    },
    cancel: () => void (hasLeft = true),
  });
  return {
    body,
    left: () => hasLeft,
    close: () => controller?.close(),
    fail: () => controller?.error(new TypeError("corrupt gzip")),
  };
}

describe("reading a body that goes quiet", () => {
  it("ends with the signal's reason, and closes the connection", async () => {
    for (const pieces of [[], ["begun"]]) {
      const stopping = new AbortController();
      const { body, left } = open(...pieces);
      const reading = readBytes(body, 1024, stopping.signal);
      await new Promise((resolve) => setImmediate(resolve));
      stopping.abort(new Error("stopped"));
      await expect(reading).rejects.toThrow("stopped");
      expect(left()).toBe(true);
    }
  });

  it("does not begin once the signal is aborted", async () => {
    const { body, left } = open("begun");
    await expect(readBytes(body, 1024, AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
    expect(left()).toBe(true);
  });

  it("gives as much of its beginning as came", async () => {
    const stopping = new AbortController();
    const { body, left } = open("beg", "un");
    const reading = readBeginning(body, 1024, stopping.signal);
    await new Promise((resolve) => setImmediate(resolve));
    stopping.abort();
    expect(await reading).toBe("begun");
    expect(left()).toBe(true);
  });
});

describe("a body", () => {
  it("is read whole, up to its limit", async () => {
    for (const [limit, refused] of [[6, false], [5, true]] as const) {
      const { body, close, left } = open("abc", "def");
      close();
      const reading = readBytes(body, limit, ever);
      if (refused) await expect(reading).rejects.toMatchObject({ code: "payload_too_large" });
      else expect(new TextDecoder().decode(await reading)).toBe("abcdef");
      expect(left()).toBe(false);
    }
  });

  it("is left, and its connection closed, by whoever has enough of it", async () => {
    const { body, left } = open("a", "b");
    for await (const piece of piecesOf(body, ever)) {
      expect(piece).toEqual(bytes("a"));
      break;
    }
    expect(left()).toBe(true);
    const endless = open("x".repeat(100));
    expect(await readBeginning(endless.body, 10, ever)).toBe("x".repeat(10));
    expect(endless.left()).toBe(true);
  });

  it("that is broken has a beginning all the same, and may be left", async () => {
    const { body, fail } = open("begun");
    const reading = readBeginning(body, 1024, ever);
    await new Promise((resolve) => setImmediate(resolve));
    fail();
    expect(await reading).toBe("begun");
    const broken = open();
    broken.fail();
    leaveBody(new Response(broken.body));
    // An unhandled rejection would fail the run.
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("a time that is over", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("aborts as AbortSignal.timeout does when the time is over", () => {
    const { signal } = deadline(1000);
    vi.advanceTimersByTime(999);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.reason).toMatchObject({ name: "TimeoutError" });
  });

  it("leaves nothing behind once it has ended", () => {
    const pending = followTimers("_shared/http");
    const { signal, end } = deadline(1000);
    expect(pending()).toBe(1);
    end();
    expect(pending()).toBe(0);
    vi.advanceTimersByTime(5000);
    expect(signal.aborted).toBe(false);
  });

  it("ends with the signal's reason, although the work goes on for ever", async () => {
    const never = new Promise<string>(() => undefined);
    const { signal } = deadline(1000);
    const given = expect(within(signal, never)).rejects.toMatchObject({ name: "TimeoutError" });
    vi.advanceTimersByTime(1000);
    await given;
    await expect(within(signal, never)).rejects.toBe(signal.reason);
  });

  it("is what the work comes to", async () => {
    const { signal, end } = deadline(1000);
    expect(await within(signal, Promise.resolve(7))).toBe(7);
    await expect(within(signal, Promise.reject(new Error("no")))).rejects.toThrow("no");
    end();
  });
});
