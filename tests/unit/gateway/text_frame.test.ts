import { Buffer } from "node:buffer";
import type { Writable } from "node:stream";
import { expect, it } from "vitest";
import * as ws from "ws";
import { textFrame } from "../../../gateway/sockets/text_frame.ts";

// Its types leave it out.
const { Receiver } = ws as unknown as { Receiver: new (options: Record<string, boolean>) => Writable };

/** As ws reads what a server sends. */
function read(...frames: Buffer[]): string[] {
  const receiver = new Receiver({ isServer: false, allowSynchronousEvents: true });
  const texts: string[] = [];
  receiver.on("message", (data: Buffer, isBinary: boolean) => texts.push(isBinary ? "binary" : String(data)));
  receiver.write(Buffer.concat(frames));
  return texts;
}

it.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])("a text of %i bytes is one frame", (length) => {
  const text = "x".repeat(length);
  const frame = textFrame(Buffer.from(text));
  const [first] = read(frame, textFrame(Buffer.from("after")));
  expect(first).toBe(text);
  expect(frame.length - length).toBe(length < 126 ? 2 : length < 65_536 ? 4 : 10);
});

it("texts follow each other, whatever their letters", () => {
  const texts = ["🌿 fern", '{"a":1}', "ä".repeat(200)];
  expect(read(...texts.map((text) => textFrame(Buffer.from(text))))).toEqual(texts);
});

it("the frame of the same bytes is made once", () => {
  const bytes = Buffer.from("fern");
  expect(textFrame(bytes)).toBe(textFrame(bytes));
  expect(textFrame(Buffer.from("fern"))).not.toBe(textFrame(bytes));
});
