import { expect, test } from "vitest";
import { Gate, Mailbox } from "../../../../../local/realtime/channels/order.ts";

test("a mailbox works through its tasks one at a time, and a failure stops nobody", async () => {
  const log: unknown[] = [];
  const mailbox = new Mailbox((error) => log.push(error));
  let finishFirst: () => void = () => undefined;
  const failure = new Error("second");
  const done = new Promise<void>((resolve) => {
    mailbox.post(() => new Promise((finish) => finishFirst = finish));
    mailbox.post(() => Promise.reject(failure));
    mailbox.post(() => {
      log.push("third");
      resolve();
    });
  });
  await Promise.resolve();
  expect(log).toEqual([]);

  finishFirst();
  await done;
  expect(log).toEqual([failure, "third"]);
});

test("a closed gate holds tasks back and lets them out in order", () => {
  const gate = new Gate();
  const log: number[] = [];
  gate.pass(() => log.push(1));
  gate.close();
  gate.pass(() => log.push(2));
  gate.pass(() => log.push(3));
  expect([log, gate.isOpen]).toEqual([[1], false]);

  gate.open();
  gate.pass(() => log.push(4));
  expect([log, gate.isOpen]).toEqual([[1, 2, 3, 4], true]);
});
