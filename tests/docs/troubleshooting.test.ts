import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { REALTIME_ERROR_CODES } from "../../local/realtime/errors.ts";
import { ERROR_STATUS } from "../../shared/errors.ts";
import { KINDS } from "../../supabase/functions/_shared/sources/webhook/webhook_error.ts";
import { BROWSER_CODES } from "../../client/http/problem.ts";
import { entriesOf, snippets } from "./support/documents.ts";

// Doctor is Deno's, and tsc knows nothing of Deno; its list of checks can be read in Node as well.
const DOCTOR = new URL("../../cli/doctor/checks/index.ts", import.meta.url).href;
const { CHECKS }: { CHECKS: { id: string }[] } = await import(DOCTOR);

const DOCUMENT = "docs/troubleshooting.md";
const CODES = "docs/error_codes.md";
const [text, codes] = [DOCUMENT, CODES].map((path) =>
  readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")
) as [string, string];

describe(CODES, () => {
  it("has an entry for every error code, and none for an unknown one", () => {
    const entries = [...entriesOf(CODES).keys()];
    expect(entries.sort()).toEqual([...Object.keys(ERROR_STATUS), ...BROWSER_CODES].sort());
  });

  it("says what a visitor gets for each kind of webhook failure", () => {
    const rows = Object.entries(KINDS).map(([kind, { code }]) => `| \`${kind}\` | [\`${code}\`](#${code}) |`);
    expect(rows.filter((row) => !codes.includes(row))).toEqual([]);
  });

  it("names every refusal that the local Realtime knows", () => {
    expect(REALTIME_ERROR_CODES.filter((code) => !codes.includes(`\`${code}`))).toEqual([]);
  });
});

describe(DOCUMENT, () => {
  it("names every check of doctor", () => {
    expect(CHECKS.filter(({ id }) => !text.includes(`\`${id}\``))).toEqual([]);
  });

  it("shows how the console learns what the widget could not do", () => {
    const handlers = new Map<string, (problem: { code: string; message: string }) => void>();
    vi.stubGlobal("heddle", (_: "on", event: string, handler: () => void) => handlers.set(event, handler));
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    new Function(snippets(DOCUMENT, "js").join("\n"))();
    handlers.get("error")?.({ code: "agent_not_found", message: "There is no agent with this agentId." });
    expect(warn.mock.calls).toEqual([["heddle: agent_not_found: There is no agent with this agentId."]]);
    vi.unstubAllGlobals();
    warn.mockRestore();
  });
});
