import { expect, test } from "vitest";
import { weighInbox } from "../../../scripts/build_inbox.mjs";
import { useBuilt } from "../../support/built.ts";

/** Bytes of gzip, Supabase's client among them: before anything is shown, and with all that is loaded on demand. */
const CAPS = { first: 130_000, all: 170_000 };
const built = useBuilt("inbox");

test("the operators' app stays small, most of all what it begins with", () => {
  const { first, all } = weighInbox(built());
  expect(first).toBeGreaterThan(50_000);
  expect(first).toBeLessThanOrEqual(CAPS.first);
  expect(all).toBeLessThanOrEqual(CAPS.all);
});
