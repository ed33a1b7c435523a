import { expect, it } from "vitest";
import { asInstalled, inDataDir } from "../../../shared/printed_command.mjs";

const NAMES = ["key create", "doctor"];

it.each([
  ["Start it again: npm start", "Start it again: npm start -- --data-dir /d"],
  ["Begin anew: npm start -- --fresh", "Begin anew: npm start -- --data-dir /d --fresh"],
  ["npm run -s status -- --json", "npm run -s status -- --data-dir /d --json"],
  [
    "Next: npm run heddle -- key create 1 --name backend\nThen: npm run heddle -- doctor",
    "Next: npm run heddle -- key create --data-dir /d 1 --name backend\nThen: npm run heddle -- doctor --data-dir /d",
  ],
  ["npm run heddle -- deploy needs a hosted project", "npm run heddle -- deploy needs a hosted project"],
  [
    "Next: npx heddle doctor, or npx heddle start --fresh",
    "Next: npx heddle doctor --data-dir /d, or npx heddle start --data-dir /d --fresh",
  ],
  ["No command at all.", "No command at all."],
])("the commands in %j mean the data folder", (text, expected) => {
  expect(inDataDir(text, "/d", NAMES)).toBe(expected);
});

it.each([
  ["Start it again: npm start", "Start it again: npx heddle start"],
  ["Begin anew: npm start -- --fresh", "Begin anew: npx heddle start --fresh"],
  ["npm run -s status -- --json", "npx heddle status --json"],
  ["npm start [-- options]", "npx heddle start [options]"],
  ["npm run heddle -- doctor, npm run statusbar", "npm run heddle -- doctor, npm run statusbar"],
])("%j is called otherwise where the packages are installed", (text, expected) => {
  expect(asInstalled(text)).toBe(expected);
});

it("a folder with a space is one word for a shell", () => {
  expect(inDataDir("npm start", "/my dir/it's")).toBe(`npm start -- --data-dir '/my dir/it'\\''s'`);
});
