import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unnamed } from "../../../inbox/ui/names.ts";
import { plainText } from "../../../kit/text/plain_text.ts";
import { displaySchema } from "../../../shared/api/validate_widget.ts";
import { VISITOR_CHANNEL, WELL_FORMED_CHANNEL } from "../../../shared/channels.ts";
import { IDENTITY_ALGORITHMS } from "../../../shared/identity_provider.ts";
import { CONNECTOR_KINDS } from "../../../shared/management.ts";
import { isBlank } from "../../../shared/text.ts";
import { FORM_FIELD_TYPES, TAB_ACTIONS, TAB_CATEGORIES, TAB_SOURCES } from "../../../shared/tabs.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** The definitions of a table's check constraints that contain a text. */
async function checks(table: string, text: string): Promise<string> {
  const rows = await database.sql<{ definition: string }[]>`
    select pg_get_constraintdef(oid) as definition from pg_constraint
    where conrelid = ${table}::regclass and contype = 'c'`;
  return rows.map(({ definition }) => definition).filter((definition) => definition.includes(text)).join(
    "\n",
  );
}

/** The values that a constraint lists: in quotes, or as alternatives of a pattern. */
function values(definition: string): string[] {
  const alternatives = /\^\(([a-z|]+)\)\$/.exec(definition)?.[1]?.split("|");
  return alternatives ?? [...definition.matchAll(/'([A-Za-z0-9_]+)'::text/g)].map(([, value = ""]) => value);
}

it.each([
  "**Yes**, it is *in stock*, ***now***",
  "# Ferns",
  'see [the list](https://shop.example/a?b=1 "All") or ![a fern](https://shop.example/f.png)',
  "[no link](javascript:alert(1)) and [neither](nowhere)",
  "run `npm start` or ``it``",
  "2 * 3 * 4, snake_case_name, __init__ and _this_",
  "\\*as it is\\*, a lone * and ** stay",
  "",
])("what the kit and the database read out of Markdown is the same: %s", async (written) => {
  const [row] = await database.sql`select heddle.plain_text(${written}) as plain`;
  expect(row?.plain).toBe(plainText(written));
});

it("what shared/ and the database call blank is the same, for every character", async () => {
  const points = Array.from({ length: 0x110000 }, (_, point) => point)
    .filter((point) => point > 0 && (point < 0xd800 || point > 0xdfff));
  const blank = points.filter((point) => isBlank(String.fromCodePoint(point)));
  const rows = await database.sql<{ point: number }[]>`
    select point from generate_series(1, 1114111) point
    where point not between 55296 and 57343 and heddle.is_blank(chr(point)) order by point`;
  expect(rows.map(({ point }) => point)).toEqual(blank);
});

it("the inbox and the database call visitors without a name the same", async () => {
  const ids = ["u1", "anon_00ff", "Ünïcode 🌿", "a".repeat(128), "\u{10ffff}"];
  for (const id of ids) {
    const [row] = await database.sql`select heddle.unnamed(${id}) as name`;
    expect(row?.name).toBe(unnamed(id));
  }
});

describe("what shared/ and the database both list is the same:", () => {
  it.each<[string, string, string, readonly string[]]>([
    ["kinds of connectors", "heddle.connectors", "(kind = ANY", CONNECTOR_KINDS],
    ["categories of tabs", "heddle.tabs", "(category = ANY", TAB_CATEGORIES],
    ["sources of tabs", "heddle.tabs", "(source = ANY", TAB_SOURCES],
    ["actions of tabs", "heddle.tab_actions", "(action = ANY", TAB_ACTIONS],
    ["types of form fields", "heddle.tab_actions", "textarea", FORM_FIELD_TYPES],
  ])("%s", async (_, table, text, shared) => {
    expect(values(await checks(table, text)).sort()).toEqual([...shared].sort());
  });

  it("themes", async () => {
    const themes = displaySchema.shape.theme.options;
    const [, listed = ""] = /ANY \(ARRAY\[([^\]]*)\]/.exec(await checks("heddle.agents", "'theme'")) ?? [];
    expect(values(listed).sort()).toEqual([...themes].sort());
  });

  it("algorithms of identity providers", async () => {
    const [, listed = "[]"] = /'(\[[^\]]*256[^\]]*\])'::jsonb/.exec(await checks("heddle.agents", "algs")) ??
      [];
    expect(JSON.parse(listed).sort()).toEqual([...IDENTITY_ALGORITHMS].sort());
  });

  it("shapes of channel names", async () => {
    const rows = await database.sql<{ condition: string }[]>`
      select coalesce(qual, with_check) as condition from pg_policies
      where schemaname = 'realtime' and policyname like 'heddle: %'`;
    const patterns = rows.flatMap(({ condition }) => condition.match(/\^\([^']*\$/g) ?? []);
    expect([...new Set(patterns)].sort()).toEqual([VISITOR_CHANNEL, WELL_FORMED_CHANNEL].sort());
  });
});
