import { afterEach, describe, expect, it } from "vitest";
import { isZone, type OfficeHours, officeHoursProblems } from "../../../shared/office_hours.ts";
import { AGENT, type Json, OLGA, PIET, STRANGER, useStore } from "./conversation_store.ts";

const store = useStore();

const HOURS = { zone: "Europe/Berlin", mon: ["09:00-12:00", "22:00-02:00"], sun: [] };
const NOTHING = { greeting: null, officeHours: null, awayMessage: null };

const set = (changes: object, userId = OLGA) =>
  store.operator(userId, "inbox_set_office", { p_agent_id: AGENT, p_changes: changes });

afterEach(async () => void await set(NOTHING));

describe("greeting, office hours and away message", () => {
  it("are an owner's to set, each by itself, and are told with the rest of the site", async () => {
    expect(await set({ greeting: " Hello!\nAsk us. ", officeHours: HOURS })).toEqual({
      greeting: "Hello!\nAsk us.",
      officeHours: HOURS,
      awayMessage: null,
    });
    const all = { greeting: "Hello!\nAsk us.", officeHours: HOURS, awayMessage: "Back soon." };
    expect(await set({ awayMessage: "Back soon." })).toEqual(all);
    expect(await store.operator(OLGA, "inbox_site", { p_agent_id: AGENT })).toMatchObject(all);
    expect(await store.visitor("get_agent")).toMatchObject(all);
    expect(await set({ greeting: " \u200b", officeHours: null })).toEqual({
      ...NOTHING,
      awayMessage: "Back soon.",
    });
  });

  it("are the command's to set as well, which leaves alone what it does not name", async () => {
    await store.visitor("update_agent", { p_changes: { greeting: "Hi", officeHours: HOURS } });
    expect(await store.visitor("update_agent", { p_changes: { name: "Fern & Fable" } }))
      .toMatchObject({ greeting: "Hi", officeHours: HOURS, awayMessage: null });
  });

  it("are nobody else's to set", async () => {
    await expect(set({ greeting: "Hi" }, PIET)).rejects.toMatchObject({ code: "PT403" });
    await expect(set({ greeting: "Hi" }, STRANGER)).rejects.toMatchObject({ code: "PT404" });
    await expect(set({ name: "Mallory" })).rejects.toMatchObject({ code: "PT400" });
  });

  it.each<[object, string]>([
    [{ greeting: "x".repeat(501) }, "A greeting has at most 500 characters."],
    [{ awayMessage: "x".repeat(501) }, "An away message has at most 500 characters."],
    [{ greeting: 7 }, "It must be an object in which these are strings: greeting, awayMessage."],
  ])("are refused with a sentence: %j", async (changes, detail) => {
    await expect(set(changes)).rejects.toMatchObject({ code: "PT400", detail });
  });

  it("have up to 500 characters, however many bytes those are", async () => {
    const greeting = "🌿".repeat(500);
    expect(await set({ greeting })).toMatchObject({ greeting });
  });
});

const SHAPE = "Office hours are null or { zone, mon, tue, wed, thu, fri, sat, sun }.";
const ZONE = "Office hours need a time zone by its IANA name, such as Europe/Berlin.";
const TIMES =
  "The hours of a day are a list of up to 4 times such as 09:00-17:00, 22:00-02:00 past midnight.";
const OVERLAP = "Times of office hours must not overlap.";
const zone = "Europe/Berlin";

describe("office hours", () => {
  it.each<[unknown, string]>([
    [[], SHAPE],
    ["09:00-17:00", SHAPE],
    [{ zone, monday: [] }, SHAPE],
    [{ mon: [] }, ZONE],
    [{ zone: 7 }, ZONE],
    [{ zone: "Europe/Atlantis" }, ZONE],
    [{ zone: "CEST" }, ZONE],
    [{ zone: "+02:00" }, ZONE],
    [{ zone: "localtime" }, ZONE],
    [{ zone: "posix/Europe/Berlin" }, ZONE],
    [{ zone, mon: "09:00-17:00" }, TIMES],
    [{ zone, mon: null }, TIMES],
    [{ zone, mon: [7] }, TIMES],
    [{ zone, mon: ["9:00-17:00"] }, TIMES],
    [{ zone, mon: ["09:00-25:00"] }, TIMES],
    [{ zone, mon: ["24:00-01:00"] }, TIMES],
    [{ zone, mon: ["09:00-09:00"] }, TIMES],
    [{ zone, mon: ["01:00-02:00", "03:00-04:00", "05:00-06:00", "07:00-08:00", "09:00-10:00"] }, TIMES],
    [{ zone, mon: ["09:00-12:00", "11:59-17:00"] }, OVERLAP],
    [{ zone, mon: ["22:00-02:00"], tue: ["01:00-03:00"] }, OVERLAP],
    [{ zone, mon: ["01:00-03:00"], sun: ["22:00-02:00"] }, OVERLAP],
    [{ zone, mon: ["00:00-24:00"], tue: ["09:00-17:00", "09:00-17:00"] }, OVERLAP],
  ])("are refused by the database and by what says so before: %j", async (officeHours, detail) => {
    await expect(set({ officeHours })).rejects.toMatchObject({ code: "PT400", detail });
    const known = [ZONE, TIMES, OVERLAP].includes(detail);
    const isReadable = typeof (officeHours as Json).zone === "string" &&
      !JSON.stringify(officeHours).match(/null|\[7\]|:"09:00-17:00"/);
    if (known && isReadable) expect(officeHoursProblems(officeHours as OfficeHours)).not.toEqual([]);
  });

  it.each<OfficeHours>([
    ...["UTC", "GMT", "CET", "EST", "Zulu"].map((zone) => ({ zone })),
    { zone: "America/Argentina/Buenos_Aires", sat: [] },
    { zone, mon: ["00:00-24:00"], tue: ["00:00-01:00", "01:00-02:00"] },
    { zone, mon: ["02:00-03:00"], sun: ["22:00-02:00"] },
    { zone, wed: ["17:00-09:00", "08:00-10:00"] },
    { zone, sun: ["00:00-24:00"], mon: ["00:00-24:00"] },
  ])("are taken by both: %j", async (officeHours) => {
    expect(await set({ officeHours })).toMatchObject({ officeHours });
    expect(officeHoursProblems(officeHours)).toEqual([]);
  });
});

it("no zone is taken that Postgres knows alone, and no browser", async () => {
  const rows = await store.sql<{ zone: string }[]>`select name as zone from pg_timezone_names`;
  const unknown = rows.map(({ zone }) => zone).filter((zone) => !isZone(zone));
  expect(rows.length).toBeGreaterThan(unknown.length + 400);
  for (const zone of unknown) {
    await expect(set({ officeHours: { zone } }), zone).rejects.toMatchObject({ detail: ZONE });
  }
});

describe("what visitors are told of them", () => {
  const office = async () => {
    const { tabs } = await store.visitor("widget_context");
    return Object.fromEntries(tabs.map(({ source, office }: Json) => [source, office]));
  };

  it("is nothing without a greeting and hours, whatever else is set", async () => {
    await set({ awayMessage: "Back soon." });
    expect(await office()).toEqual({ webhook: null, store: null });
    expect(await store.visitor("store_office")).toBeNull();
  });

  it("is told of store tabs only, and with whether somebody of the team is online", async () => {
    await set({ greeting: "Hello!", officeHours: HOURS });
    const told = { greeting: "Hello!", hours: HOURS, awayMessage: null };
    expect(await office()).toEqual({ webhook: null, store: { ...told, isSomebodyOnline: false } });
    for (const [state, isSomebodyOnline] of [["away", false], ["online", true]] as const) {
      await store.operator(PIET, "inbox_here", { p_state: state });
      expect(await store.visitor("store_office")).toEqual({ ...told, isSomebodyOnline });
    }
    await store.sql`update heddle.leases set until = now() where subject = 'operator'`;
    expect(await store.visitor("store_office")).toEqual({ ...told, isSomebodyOnline: false });
  });

  it("is not that a visitor is online", async () => {
    await set({ officeHours: HOURS });
    await store.sql`
      insert into heddle.leases (agent_id, subject, key, state, until)
      values (${AGENT}, 'visitor', 'u1', 'online', now() + interval '1 minute')`;
    expect(await store.visitor("store_office")).toMatchObject({ isSomebodyOnline: false });
  });
});
