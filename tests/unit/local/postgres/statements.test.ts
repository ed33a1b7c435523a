import { describe, expect, it } from "vitest";
import { splitStatements, withoutComments } from "../../../../local/postgres/statements.ts";

describe("splitting a script", () => {
  it.each([
    ["statements", "select 1; select 2;", ["select 1", "select 2"]],
    ["a last statement without a semicolon", "select 1;\nselect 2\n", ["select 1", "select 2"]],
    ["strings", "select 'a;''b'; select 2", ["select 'a;''b'", "select 2"]],
    ["names", 'select 1 as "a;""b"; select 2', ['select 1 as "a;""b"', "select 2"]],
    ["line comments", "select 1 -- one; two\n; select 2", ["select 1 -- one; two", "select 2"]],
    ["an apostrophe in a comment", "-- it's\nselect 1; select 2", ["-- it's\nselect 1", "select 2"]],
    ["nested comments", "select /* a; /* b; */ c; */ 1; select 2", [
      "select /* a; /* b; */ c; */ 1",
      "select 2",
    ]],
    ["dollar quotes", "do $$ begin; end $$; select 2", ["do $$ begin; end $$", "select 2"]],
    [
      "tagged dollar quotes around others",
      "do $a$ x; $$ y; $$ z; $a$; select 2",
      ["do $a$ x; $$ y; $$ z; $a$", "select 2"],
    ],
    ["an apostrophe in a body", "do $$ it's; $$; select 2", ["do $$ it's; $$", "select 2"]],
    ["dollars in a name", "select a$1; select b$1", ["select a$1", "select b$1"]],
    ["parameters", "select $1; select $2", ["select $1", "select $2"]],
    ["nothing", " ;; -- only this\n /* and this */", []],
  ])("minds %s", (_, script, statements) => {
    expect(splitStatements(script)).toEqual(statements);
  });

  it("keeps a comment with the statement that follows it", () => {
    expect(splitStatements("select 1;\n-- why\nselect 2;")).toEqual(["select 1", "-- why\nselect 2"]);
  });

  it("is quick about a script of a megabyte", () => {
    const script = "insert into t values ('it''s', $x$ body; $x$); -- comment\n".repeat(18_000);
    expect(splitStatements(script)).toHaveLength(18_000);
  });
});

it("a statement without its leading comments begins at its first word", () => {
  expect(withoutComments("-- a\n /* b */\n\ncreate policy x -- c")).toBe("create policy x -- c");
});
