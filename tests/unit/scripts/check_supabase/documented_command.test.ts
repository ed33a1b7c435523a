import { describe, expect, it } from "vitest";
import { cliCommands, faultOf } from "../../../../scripts/check_supabase/checks/documents.ts";

const PUSH = `DESCRIPTION
  Push new migrations to a database, see --nothing.

TARGET
  Local by default. Pass --remote for the linked project, or --remote=<ref|branch|url>.

USAGE
  supabase db push [flags]

FLAGS
  --include-seed                 Include seed data from your config.
  --remote[=<ref|branch|url>]    Target a remote database.
  --password, -p string          Database password.

GLOBAL FLAGS
  --help, -h                     Show help information
`;

const GROUP = "USAGE\n  supabase db <subcommand> [flags]\n";

describe("a documented command", () => {
  it.each([
    "supabase db push --remote",
    "supabase db push --remote=abc -p 'a --secret' --include-seed",
  ])("is right: %s", (line) => expect(faultOf(line, PUSH)).toBeNull());

  it.each([
    ["supabase db push --remote --flavour x -q", PUSH, "The CLI does not know --flavour, -q there."],
    ["supabase db push --remote --nothing", PUSH, "The CLI does not know --nothing there."],
    ["supabase db push", PUSH, "Without --remote it acts on the local stack."],
    ["supabase db shove --remote", GROUP, "The CLI has no such command; it has supabase db."],
    ["supabase fly", "", "The CLI has no such command."],
  ])("is wrong: %s", (line, help, fault) => expect(faultOf(line, help)).toBe(fault));

  it("stands in a shell block or in a sentence", () => {
    const markdown = [
      "```sh",
      "npm run build",
      "supabase link",
      "```",
      "Say `supabase db push --remote`, not `npm start`.",
      "```sql",
      "supabase",
      "```",
    ];
    expect(cliCommands(markdown.join("\n"))).toEqual(["supabase link", "supabase db push --remote"]);
  });

  it("are those of a workflow's steps, too", () => {
    expect(
      cliCommands(
        "```yaml\n      - uses: supabase/setup-cli@v1\n      - run: supabase db push --remote --yes\n```",
      ),
    ).toEqual([
      "supabase db push --remote --yes",
    ]);
  });
});
