import { describe, expect, it } from "vitest";
import { type BotPart, readBotAnswer } from "../../../../supabase/functions/_shared/bots/bot_answer.ts";

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
  const answer = await readBotAnswer(response);
  if (answer.kind !== "stream") throw new Error("it is no stream");
  const parts: BotPart[] = [];
  for await (const part of answer.parts) parts.push(part);
  return parts;
}

describe("an answer that comes whole", () => {
  it("is text, a call for a person, both, or nothing with 204", async () => {
    expect(await readBotAnswer(json({ body: "Yes" }))).toEqual({
      kind: "whole",
      body: "Yes",
      needsHuman: false,
    });
    expect(await readBotAnswer(json({ needsHuman: true, body: " " }))).toMatchObject({
      body: null,
      needsHuman: true,
    });
    expect(await readBotAnswer(new Response(null, { status: 204 }))).toMatchObject({ body: null });
  });

  it.each([
    ["empty", json({})],
    ["empty", json({ body: " \n" })],
    ["invalid_shape", json({ body: 7 })],
    ["invalid_shape", json([])],
    ["not_json", new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["too_large", json({ body: "x".repeat(300_000) })],
  ])("is refused as %s", async (kind, response) => {
    await expect(readBotAnswer(response)).rejects.toMatchObject({ kind });
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

  it.each([
    ["error_status", 'data: {"type":"error","errorText":"quota"}\n'],
    ["error_status", 'data: {"error":{"message":"quota"}}\n'],
    ["not_json", "data: {broken\n"],
    ["not_json", 'data: {broken\n\ndata: {"delta":"x"}\n\n'],
    ["too_large", `data: {"delta":"${"x".repeat(300_000)}`],
  ])("breaks off as %s", async (kind, text) => {
    await expect(partsOf(stream(text, 4))).rejects.toMatchObject({ kind });
  });
});
