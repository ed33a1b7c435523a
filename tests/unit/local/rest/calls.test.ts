import { describe, expect, it } from "vitest";
import { splitStatements } from "../../../../local/postgres/statements.ts";
import { databaseErrorResponse, isConnectionError } from "../../../../local/rest/errors.ts";
import { matching, type Signature } from "../../../../local/rest/signatures.ts";
import { callStatement, literal, quoted } from "../../../../local/rest/sql.ts";

function signature(parameters: string[], more: Partial<Signature> = {}): Signature {
  return {
    parameters: parameters.map((name) => ({
      name: name.replace("?", ""),
      type: "text",
      optional: name.endsWith("?"),
      variadic: false,
    })),
    returnsVoid: false,
    returnsSet: false,
    volatile: true,
    ...more,
  };
}

describe("choosing among overloads", () => {
  const none = signature([]);
  const one = signature(["a"]);
  const two = signature(["a", "b?"]);
  const all = [none, one, two];

  it.each([
    ["no argument", [], [none]],
    ["a required one", ["a"], [one, two]],
    ["an optional one too", ["b", "a"], [two]],
    ["an unknown one", ["a", "c"], []],
    ["the optional one alone", ["b"], []],
  ])("with %s takes those that fit", (_, given, expected) => {
    expect(matching(all, given)).toEqual(expected);
  });
});

describe("the statement of a call", () => {
  const request = { schema: "heddle_api", name: "f", given: ["a"], body: '{"a":"x"}' };

  it("passes by name what is given and leaves the rest to its default", () => {
    expect(callStatement(request, signature(["a", "b?"]))).toBe(
      "select (json_agg(result) -> 0)::text as body " +
        `from (select * from json_to_record('{"a":"x"}'::json) as given ("a" text)) args, ` +
        'lateral "heddle_api"."f"("a" => args."a") result',
    );
  });

  it("gathers the rows of a set", () => {
    const statement = callStatement(request, signature(["a"], { returnsSet: true }));
    expect(statement).toContain("coalesce(json_agg(result), '[]')");
  });

  it("lets neither a value nor a name end its quotes", () => {
    const given = ['x"; drop table t; --'];
    const statement = callStatement(
      { schema: 's"', name: 'f"', given, body: "'; drop table t; --" },
      signature(given),
    );
    expect(splitStatements(statement)).toEqual([statement]);
    expect(statement).toContain("'''; drop table t; --'::json");
    expect(statement).toContain('"s"""."f"""("x""; drop table t; --" =>');
  });

  it("drops the NUL character, which would end the query", () => {
    expect(literal("a\0b")).toBe("'ab'");
    expect(quoted("a\0b")).toBe('"ab"');
  });
});

describe("errors", () => {
  it.each([
    ["42501", "anon", 401],
    ["42501", "authenticated", 403],
    ["PT418", "anon", 418],
    ["23503", "anon", 409],
    ["23514", "anon", 400],
    ["25006", "anon", 405],
    ["25001", "anon", 500],
    ["42883", "anon", 404],
    ["P0001", "anon", 400],
    ["P0002", "anon", 500],
    ["40001", "anon", 500],
    ["53400", "anon", 500],
    ["08006", "anon", 503],
  ])("%s for %s is %i", (code, role, status) => {
    expect(databaseErrorResponse({ code, message: "" }, role).status).toBe(status);
  });

  it.each(["ECONNREFUSED", "ECONNRESET", "CONNECTION_CLOSED", "CONNECT_TIMEOUT"])(
    "%s is one of the connection",
    (code) => {
      expect(isConnectionError(Object.assign(new Error(), { code }))).toBe(true);
    },
  );

  it("of our own are none of the connection", () => {
    expect(isConnectionError(new TypeError("oops"))).toBe(false);
  });
});
