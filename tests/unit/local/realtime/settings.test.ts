import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { projectSettings, settingsFrom } from "../../../../local/realtime/settings.ts";

test("nothing changes nothing", () => {
  expect([settingsFrom(undefined), settingsFrom("")]).toEqual([{}, {}]);
});

test("a plan has its limits", () => {
  expect(settingsFrom("free")).toEqual({
    requestsPerSecond: 100,
    messagesPerSecond: 100,
    joinsPerSecond: 100,
    presencePerSecond: 20,
    connections: 200,
    payloadBytes: 256_500,
  });
  expect(settingsFrom("pro")).toMatchObject({ messagesPerSecond: 500, connections: 500 });
});

test("what docs/local.md gives is taken", () => {
  const docs = readFileSync("docs/local.md", "utf8");
  const given = [...docs.matchAll(/`HEDDLE_REALTIME=(\S+) npm start`/g)].map(([, value = ""]) =>
    settingsFrom(value.replaceAll("'", ""))
  );
  expect(given).toEqual([settingsFrom("free"), { messagesPerSecond: 100, privateOnly: false }]);
});

test("settings may be given one by one", () => {
  expect(settingsFrom('{"privateOnly":true,"connections":3}')).toEqual({ privateOnly: true, connections: 3 });
});

test.each(["gold", "{", '{"messages":1}', '{"connections":-1}', '{"idleMs":0}', '{"idleMs":2147483648}'])(
  "%j is refused, and what must hold is said",
  (text) => {
    expect(() => settingsFrom(text)).toThrow(
      "HEDDLE_REALTIME must be a plan (free, pro, team) or JSON of settings: ",
    );
  },
);

test("a project has no public channels unless they are asked for", () => {
  expect(projectSettings(undefined)).toEqual({ privateOnly: true });
  expect(projectSettings("free")).toMatchObject({ privateOnly: true, connections: 200 });
  expect(projectSettings('{"privateOnly":false}')).toEqual({ privateOnly: false });
});
