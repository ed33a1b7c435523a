import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { ERROR_STATUS } from "../../shared/errors.ts";
import { entriesOf, snippets } from "../support/docs.ts";

const DOCUMENT = "docs/troubleshooting.md";
const CHECKS = "cli/doctor/checks";
/** What the widget's `error` event tells of itself. */
const WIDGET_CODES = ["network", "storage_blocked"];

const text = source(DOCUMENT);

function source(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

/** First groups of all matches. */
function found(pattern: RegExp, where: string): string[] {
  return [...where.matchAll(pattern)].map(([, word = ""]) => word);
}

describe(DOCUMENT, () => {
  it("has an entry for every error code, and none for an unknown one", () => {
    const entries = [...entriesOf(DOCUMENT).keys()];
    expect(entries.sort()).toEqual([...Object.keys(ERROR_STATUS), ...WIDGET_CODES].sort());
  });

  it("knows every code that the widget makes up itself", () => {
    const files = readdirSync(new URL("../../widget", import.meta.url), {
      recursive: true,
      encoding: "utf8",
    });
    const codes = files.filter((file) => /\.tsx?$/.test(file))
      .flatMap((file) => found(/\bcode: "(\w+)"/g, source(`widget/${file}`)));
    expect(codes).toContain("network");
    expect(codes.filter((code) => !entriesOf(DOCUMENT).has(code))).toEqual([]);
  });

  it("says what a visitor gets for each kind of webhook failure", () => {
    const kinds = [
      ...source("supabase/functions/_shared/webhook/failure.ts")
        .matchAll(/^ {2}(\w+): \{\n {4}code: "(\w+)"/gm),
    ].map(([, kind, code]) => `| \`${kind}\` | [\`${code}\`](#${code}) |`);
    expect(kinds.length).toBeGreaterThan(10);
    expect(kinds.filter((row) => !text.includes(row))).toEqual([]);
  });

  it("names every check of doctor", () => {
    const sources = readdirSync(new URL(`../../${CHECKS}`, import.meta.url)).map((file) =>
      source(`${CHECKS}/${file}`)
    );
    const checks = sources.flatMap((code) => found(/^ {2}id: "([\w-]+)"/gm, code));
    const functions = sources.flatMap((code) => found(/\{ name: "([\w-]+)", method/g, code));
    const ids = [...checks, ...functions.map((name) => `function-${name}`)];
    expect(ids).toContain("function-tab-fetch");
    expect(ids.filter((id) => !text.includes(`\`${id}\``))).toEqual([]);
  });

  it("names every refusal that the local Realtime knows", () => {
    const codes = found(/^ {2}\| "(\w+)"/gm, source("local/realtime/errors.ts"));
    expect(codes).toContain("Unauthorized");
    expect(codes.filter((code) => !text.includes(`\`${code}`))).toEqual([]);
  });

  it("shows how the console learns what the widget could not do", () => {
    const handlers = new Map<string, (problem: { code: string; message: string }) => void>();
    vi.stubGlobal("heddle", (_: "on", event: string, handler: () => void) => handlers.set(event, handler));
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    new Function(snippets(DOCUMENT, "js").join("\n"))();
    handlers.get("error")?.({ code: "agent_not_found", message: "agentId must name an agent." });
    expect(warn.mock.calls).toEqual([["heddle: agent_not_found: agentId must name an agent."]]);
    vi.unstubAllGlobals();
    warn.mockRestore();
  });
});
