// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { signal } from "../../../client/platform/emitter.ts";
import type { BulkReport } from "../../../inbox/core/bulk.ts";
import type { Desk } from "../../../inbox/core/desk.ts";
import type { Row } from "../../../inbox/core/rows.ts";
import { createSelection } from "../../../inbox/core/selection.ts";
import { useRefusedSelected } from "../../../inbox/ui/selecting.tsx";

const root = document.createElement("div");
const reports = signal<readonly BulkReport[]>([]);
const selection = createSelection();
const rowsOf = (letters: string) => [...letters].map((id) => ({ id }) as Row);
/** Of what was to be done to these it was refused to those. */
const report = (rows: string, refused: string): BulkReport => ({
  action: "claim",
  rows: rowsOf(rows),
  refused: rowsOf(refused).map((row) => ({ row, problem: { code: "conflict", message: "" } })),
});
const selected = () => [...selection.ids.value ?? []].sort().join("");

function Selecting() {
  useRefusedSelected({ bulk: { reports } } as unknown as Desk, selection);
  return null;
}

beforeEach(async () => {
  reports.value = [];
  selection.end();
  selection.show(rowsOf("abcdef"));
  await act(() => render(<Selecting />, root));
});
afterEach(() => render(null, root));

test("what was done is selected no more once the rest was refused, and what was selected besides stays so", async () => {
  selection.all();
  await act(() => void (reports.value = [report("abcd", "bd")]));
  expect(selected()).toBe("bdef");
});

test("an earlier report that is the last one again takes nothing from what has been selected since", async () => {
  const [first, second] = [report("abcd", "bd"), report("a", "a")];
  await act(() => void (reports.value = [first]));
  await act(() => void (reports.value = [first, second]));
  selection.toggle("a");
  await act(() => void (reports.value = [first]));
  expect(selected()).toBe("a");
});
