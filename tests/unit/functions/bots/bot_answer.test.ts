import { describe, expect, it, onTestFinished, vi } from "vitest";
import { readBotAnswer } from "../../../../supabase/functions/_shared/bots/bot_answer.ts";
import type { BotPart } from "../../../../supabase/functions/_shared/bots/stream_parts.ts";
import { followTimers } from "../../../support/pending_timers.ts";

const ever = new AbortController().signal;
const json = (body: unknown) => Response.json(body);

function stream(text: string, pieces = 1, type = "text/event-stream"): Response {
  const bytes = new TextEncoder().encode(text);
  const size = Math.ceil(bytes.length / pieces);
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": type } });
}

async function partsOf(response: Response): Promise<BotPart[]> {
  const answer = await readBotAnswer(response, ever);
  if (answer.kind !== "stream") throw new Error("it is no stream");
  const parts: BotPart[] = [];
  for await (const part of answer.parts) parts.push(part);
  return parts;
}

describe("an answer that comes whole", () => {
  it("is text, a call for a person, both, or nothing with 204", async () => {
    expect(await readBotAnswer(json({ body: "Yes" }), ever)).toEqual({
      kind: "whole",
      body: "Yes",
      needsHuman: false,
    });
    expect(await readBotAnswer(json({ needsHuman: true, body: " " }), ever)).toMatchObject({
      body: null,
      needsHuman: true,
    });
    expect(await readBotAnswer(new Response(null, { status: 204 }), ever)).toMatchObject({ body: null });
  });

  it.each([
    ["empty", json({})],
    ["empty", json({ body: " \n" })],
    ["invalid_shape", json({ body: 7 })],
    ["invalid_shape", json([])],
    ["not_json", new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["too_large", json({ body: "x".repeat(300_000) })],
  ])("is refused as %s", async (kind, response) => {
    await expect(readBotAnswer(response, ever)).rejects.toMatchObject({ kind });
  });
});

describe("a stream", () => {
  const openai = ["A ", "fern 🌿"].map((content) =>
    `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}`
  );

  it("is read however the network cuts it", async () => {
    const text = [": hello", "event: x", ...openai, "data: [DONE]", ""].join("\r\n");
    for (const pieces of [1, 7, new TextEncoder().encode(text).length]) {
      expect(await partsOf(stream(text, pieces))).toEqual([{ text: "A " }, { text: "fern 🌿" }]);
    }
  });

  it.each(["\r", "\n", "\r\n"])("may end its lines with %j", async (end) => {
    const text = [": hello", ...openai.flatMap((line) => [line, ""]), "data: [DONE]", ""].join(end);
    for (const pieces of [1, 7, new TextEncoder().encode(text).length]) {
      expect(await partsOf(stream(text, pieces))).toEqual([{ text: "A " }, { text: "fern 🌿" }]);
    }
  });

  it.each(["\r", "\n", "\r\n"])(
    "may hold an event's data over several lines that end with %j",
    async (end) => {
      const event = [
        'data: {"delta":',
        "event: x",
        'data:"A "',
        "data:}",
        "",
        'data: {"delta":"fern"}',
        "",
        "",
      ];
      for (const pieces of [1, 7, 300]) {
        expect(await partsOf(stream(event.join(end), pieces))).toEqual([{ text: "A " }, { text: "fern" }]);
      }
    },
  );

  it("may be lines of JSON without a prefix", async () => {
    const text = '{"delta":"A "}\n{"delta":"fern"}\n{"needsHuman":true}';
    expect(await partsOf(stream(text, 3, "application/x-ndjson"))).toEqual([
      { text: "A " },
      { text: "fern" },
      { needsHuman: true },
    ]);
  });

  it("hands out what the visitor is to read, not thoughts, tools or events of other kinds", async () => {
    const events = [
      { type: "reasoning-delta", delta: "hm" },
      { type: "tool-input-delta", delta: "{" },
      { type: "text-delta", id: "1", delta: "Yes" },
      { type: "response.output_text.delta", delta: "." },
      { type: "data-needsHuman", data: true },
      { delta: " I fetch somebody.", needsHuman: true },
      { choices: [{ delta: { content: " Soon." } }], needsHuman: true },
      { type: "reasoning-delta", delta: "hm", needsHuman: true },
      { choices: [{ delta: {} }] },
      { choices: [] },
      { usage: 7 },
    ];
    expect(await partsOf(stream(events.map((each) => `data: ${JSON.stringify(each)}`).join("\n\n")))).toEqual(
      [
        { text: "Yes" },
        { text: "." },
        { needsHuman: true },
        { text: " I fetch somebody." },
        { needsHuman: true },
        { text: " Soon." },
        { needsHuman: true },
        { needsHuman: true },
      ],
    );
  });

  const said = (...events: unknown[]) =>
    partsOf(
      stream(
        events.map((each) => `data: ${typeof each === "string" ? each : JSON.stringify(each)}\n\n`).join(""),
      ),
    );
  const textOf = async (...events: unknown[]) =>
    (await said(...events)).map((part) => "text" in part ? part.text : "<person>").join("");
  const choice = (content: string | null, rest: object = {}, index = 0) => ({
    choices: [{ index, delta: { content }, finish_reason: null, ...rest }],
  });
  const output = (output_index: number, delta: string) => ({
    type: "response.output_text.delta",
    output_index,
    delta,
  });

  it.each([
    ["the AI SDK's", [
      { type: "text-start", id: "0" },
      { type: "text-delta", id: "0", delta: "Let me " },
      { type: "text-delta", id: "0", delta: "look." },
      { type: "tool-input-available", toolCallId: "c" },
      { type: "text-start", id: "0" },
      { type: "text-delta", id: "0", delta: "It " },
      { type: "text-delta", id: "0", delta: "shipped." },
    ]],
    ["texts without a tool between", [
      { type: "text-delta", id: "1", delta: "Let me look." },
      { type: "text-delta", id: "2", delta: "It shipped." },
    ]],
    ["the Responses API's", [output(0, "Let me look."), output(2, "It "), output(2, "shipped.")]],
    ["two of the Responses API's", [
      output(0, "Let me look."),
      { type: "response.created" },
      output(0, "It shipped."),
    ]],
    ["chat completions'", [
      choice("Let me look."),
      { choices: [{ index: 0, delta: { tool_calls: [{ index: 0 }] } }] },
      choice(null, { finish_reason: "tool_calls" }),
      choice(""),
      choice("It "),
      choice("shipped."),
    ]],
    ["plain deltas with a tool between", [
      { delta: "Let me look." },
      { type: "tool-output-available" },
      { delta: "It shipped." },
    ]],
    ["texts that bring line ends along", [
      { type: "text-delta", id: "1", delta: "Let me look.\n" },
      { type: "text-delta", id: "2", delta: "\n" },
      { type: "text-delta", id: "2", delta: "It shipped." },
    ]],
  ])("has a paragraph between what was said before a tool and after it: %s", async (_, events) => {
    expect(await textOf(...events)).toBe("Let me look.\n\nIt shipped.");
  });

  it("has none before the first words, nor between pieces of one text", async () => {
    const events = [
      { type: "tool-input-start" },
      choice("\n"),
      choice("Yes"),
      choice(", "),
      choice("we do."),
    ];
    expect(await textOf(...events)).toBe("\nYes, we do.");
  });

  it("is the first of several answers", async () => {
    expect(await textOf(choice("A "), choice("B ", {}, 1), choice("fern"), choice("moss", {}, 1))).toBe(
      "A fern",
    );
  });

  it.each([false, null, "", 0])("tells of no error by %j", async (error) => {
    expect(await textOf({ delta: "fine", error })).toBe("fine");
  });

  it.each<[string, unknown]>([
    ["[DONE]", "[DONE]"],
    ["finish_reason", choice("", { finish_reason: "stop" })],
    ["finish", { type: "finish" }],
    ["response.completed", { type: "response.completed", response: { output: [{ type: "message" }] } }],
  ])("ends soon after %s, although the connection stays open", async (_, end) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const pending = followTimers("_shared/bots");
    const { say, parts, left } = open();
    say(choice("Yes"), end, { needsHuman: true }, { usage: 7 });
    await vi.advanceTimersByTimeAsync(900);
    expect({ parts, left: left() }).toEqual({ parts: [{ text: "Yes" }, { needsHuman: true }], left: false });
    expect(pending()).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect({ last: parts.at(-1), left: left() }).toEqual({ last: "end", left: true });
    expect(pending()).toBe(0);
  });

  it("ends a second after blank text that comes behind its end", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const pending = followTimers("_shared/bots");
    const { say, parts, left } = open();
    say(choice("Yes"), choice("", { finish_reason: "stop" }));
    await vi.advanceTimersByTimeAsync(900);
    say(choice("\n"));
    await vi.advanceTimersByTimeAsync(200);
    expect({ parts, left: left() }).toEqual({ parts: [{ text: "Yes" }, { text: "\n" }, "end"], left: true });
    expect(pending()).toBe(0);
  });

  it("holds what is said within a second of its end, and of each word behind that", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { say, parts, left } = open();
    say(choice("Yes"), choice("", { finish_reason: "stop" }));
    for (const word of [", we", " do", "."]) {
      await vi.advanceTimersByTimeAsync(900);
      say(choice(word));
    }
    await vi.advanceTimersByTimeAsync(900);
    const text = ["Yes", ", we", " do", "."].map((word) => ({ text: word }));
    expect({ parts, left: left() }).toEqual({ parts: text, left: false });
    await vi.advanceTimersByTimeAsync(200);
    expect({ last: parts.at(-1), left: left() }).toEqual({ last: "end", left: true });
  });

  it("is whole where its reader takes longer than a second over what came with its end", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { say, parts, left } = open(1_300);
    say(choice("Yes"), choice("", { finish_reason: "stop" }), { needsHuman: true }, choice(", we do."));
    await vi.advanceTimersByTimeAsync(10_000);
    expect({ parts, left: left() }).toEqual({
      parts: [{ text: "Yes" }, { needsHuman: true }, { text: ", we do." }, "end"],
      left: true,
    });
  });

  it.each<[string, unknown]>([
    ["a tool of its own", choice(null, { finish_reason: "tool_calls" })],
    ["a tool of its own", {
      type: "response.completed",
      response: { output: [{ type: "message" }, { type: "function_call" }] },
    }],
    ["a step", { type: "finish-step" }],
  ])("goes on after %s", async (_, event) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { say, parts, left, close } = open();
    say({ delta: "Well." }, event);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(left()).toBe(false);
    say({ delta: "Yes" });
    close();
    await vi.advanceTimersByTimeAsync(0);
    expect(parts.at(-1)).toBe("end");
  });

  it("is whole once it said so, however its connection ends", async () => {
    const { say, parts, fail } = open();
    say(choice("Yes", { finish_reason: "stop" }), choice("."));
    await vi.waitFor(() => expect(parts).toHaveLength(2));
    fail(new TypeError("connection reset"));
    await vi.waitFor(() => expect(parts).toEqual([{ text: "Yes" }, { text: "." }, "end"]));
  });

  it.each<[string, unknown]>([
    ["length", choice("", { finish_reason: "length" })],
    ["content-filter", choice("", { finish_reason: "content_filter" })],
    ["length", { type: "finish", finishReason: "length" }],
    ["abort", { type: "abort" }],
    ["incomplete", {
      type: "response.incomplete",
      response: { incomplete_details: { reason: "max_output_tokens" } },
    }],
  ])("that the model cut off is not whole: %s", async (reason, event) => {
    await expect(said({ delta: "Half an ans" }, event, "[DONE]")).rejects.toMatchObject({
      kind: "error_status",
      detail: `The model broke its answer off: ${reason}.`,
    });
  });

  /** A stream in the test's hands, and what was read of it, each part in so many milliseconds; `"end"` at its end. */
  function open(readMs = 0) {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    let hasLeft = false;
    const body = new ReadableStream<Uint8Array>({
      start: (opened) => void (controller = opened),
      cancel: () => void (hasLeft = true),
    });
    const parts: unknown[] = [];
    void (async () => {
      const answer = await readBotAnswer(
        new Response(body, { headers: { "content-type": "text/event-stream" } }),
        ever,
      );
      for await (const part of answer.kind === "stream" ? answer.parts : []) {
        parts.push(part);
        if (readMs > 0) await new Promise((resolve) => setTimeout(resolve, readMs));
      }
      parts.push("end");
    })().catch((error) => parts.push(error));
    return {
      parts,
      left: () => hasLeft,
      close: () => controller?.close(),
      fail: (error: Error) => controller?.error(error),
      say(...events: unknown[]) {
        const lines = events.map((each) =>
          `data: ${typeof each === "string" ? each : JSON.stringify(each)}\n\n`
        );
        controller?.enqueue(new TextEncoder().encode(lines.join("")));
      },
    };
  }

  it.each([
    ["error_status", 'data: {"type":"response.failed"}\n'],
    ["error_status", 'data: {"type":"error","errorText":"quota"}\n'],
    ["error_status", 'data: {"error":{"message":"quota"}}\n'],
    ["not_json", "data: {broken\n"],
    ["not_json", 'data: {broken\n\ndata: {"delta":"x"}\n\n'],
    ["too_large", `data: {"delta":"${"x".repeat(300_000)}`],
  ])("breaks off as %s", async (kind, text) => {
    await expect(partsOf(stream(text, 4))).rejects.toMatchObject({ kind });
  });
});
