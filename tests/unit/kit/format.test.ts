import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { englishFormats } from "../../../kit/text/english_formats.ts";
import { daysBetween, isTime } from "../../../kit/text/format.ts";
import { createFormats } from "../../../kit/text/intl_formats.ts";

const NOW = new Date(2026, 10, 20, 15, 0);
const at = (month: number, day: number, hour = 9, year = 2026) =>
  new Date(year, month - 1, day, hour).toISOString();
const formats = createFormats("en-GB");

describe("times in a list", () => {
  it("are a time of day today", () => expect(formats.short(at(11, 20, 14), NOW)).toBe("14:00"));
  it("are a weekday within a week", () => expect(formats.short(at(11, 16), NOW)).toBe("Mon"));
  it("are a date before that", () => expect(formats.short(at(11, 13), NOW)).toBe("13 Nov"));
  it("name the year when it is another", () =>
    expect(formats.short(at(11, 13, 9, 2025), NOW)).toBe("13 Nov 2025"));
  it("are a date when they lie ahead", () => expect(formats.short(at(11, 22), NOW)).toBe("22 Nov"));
});

describe("day separators", () => {
  it("say today and yesterday", () => {
    expect(formats.day(at(11, 20), NOW)).toBe("Today");
    expect(formats.day(at(11, 19, 23), NOW)).toBe("Yesterday");
  });
  it("say them in the visitor's language", () => {
    expect(createFormats("de").day(at(11, 19), NOW)).toBe("Gestern");
  });
  it("begin with a capital, also of a script beyond the basic plane", () => {
    expect(createFormats("ff-Adlm").day(at(11, 20), NOW)).toMatch(/^\u{1E916}\u{1E922}/u);
  });
  it("name the day before that", () => expect(formats.day(at(11, 16), NOW)).toContain("Monday"));
});

describe.each(["Pacific/Honolulu", "UTC", "Pacific/Kiritimati", "Africa/Cairo"])(
  "a date without a time, in %s",
  (zone) => {
    const former = process.env.TZ;
    beforeAll(() => {
      process.env.TZ = zone;
    });
    afterAll(() => {
      if (former === undefined) delete process.env.TZ;
      else process.env.TZ = former;
    });

    // In Cairo the clocks go forward at midnight of that Friday.
    it.each(["2026-11-16", "2026-04-24"])("is that day, without a clock time: %s", (day) => {
      const formats = createFormats("en-GB");
      const [, month, date] = day.split("-").map(Number);
      const now = new Date(2026, (month ?? 0) - 1, date, 15);
      expect(formats.full(day)).toBe(day === "2026-11-16" ? "16 Nov 2026" : "24 Apr 2026");
      expect(formats.time(day)).toBe("");
      expect(formats.short(day, now)).toBe("Today");
      expect(formats.day(day, now)).toBe("Today");
      expect(daysBetween(day, now)).toBe(0);
      now.setDate(now.getDate() + 1);
      expect(formats.day(day, now)).toBe("Yesterday");
    });
  },
);

describe("English, which is written without Intl", () => {
  // In a locale's own time of day there are spaces that don't break.
  const plain = (text: string) => text.replace(/\s/g, " ");
  const intl = createFormats("en");

  it.each([
    "2026-11-20T00:05:00",
    "2026-11-20T09:30:00",
    "2026-11-20T12:00:00",
    "2026-11-20T23:59:00",
    "2026-11-20",
    "2026-11-19T15:00:00",
    "2026-11-14T08:01:00",
    "2026-11-13",
    "2026-11-22T12:34:00",
    "2025-02-09T12:34:00",
    "1969-12-31T01:00:00",
    ...Array.from({ length: 12 }, (_, month) => new Date(2026, month, month + 1, 2 * month).toISOString()),
  ])("says of %s what Intl says", (iso) => {
    for (const form of ["short", "day"] as const) {
      expect(englishFormats[form](iso, NOW)).toBe(plain(intl[form](iso, NOW)));
    }
    for (const form of ["time", "full"] as const) {
      expect(englishFormats[form](iso)).toBe(plain(intl[form](iso)));
    }
  });

  it.each([0, 1, 999, 1000, 999_001, 1_000_001, 123_456_789, 1_234_567_890])(
    "says of %i bytes what Intl says",
    (size) => expect(englishFormats.bytes(size)).toBe(plain(intl.bytes(size))),
  );
});

describe("what is not a time", () => {
  it("is shown as nothing", () => {
    expect(isTime("soon")).toBe(false);
    expect(formats.time("soon")).toBe("");
  });
});

describe("days between", () => {
  it("counts calendar days, not spans of 24 hours", () => {
    expect(daysBetween(new Date(2026, 10, 19, 23, 59).toISOString(), new Date(2026, 10, 20, 0, 1))).toBe(1);
  });
});
