import { describe, expect, it } from "vitest";
import { officeAt, type OfficeHours, officeHoursProblems } from "../../../shared/office_hours.ts";

const BERLIN: OfficeHours = {
  zone: "Europe/Berlin",
  mon: ["09:00-12:00", "13:00-17:00"],
  tue: ["09:00-17:00"],
  wed: ["09:00-17:00"],
  thu: ["09:00-17:00"],
  fri: ["09:00-17:00"],
  sat: [],
};

function at(hours: OfficeHours, now: string) {
  const { isOpen, changesAt } = officeAt(hours, Date.parse(now));
  return [isOpen, changesAt === null ? null : new Date(changesAt).toISOString()];
}

describe("office hours", () => {
  it.each([
    ["before they begin", "2026-11-30T07:59:59Z", false, "2026-11-30T08:00:00.000Z"],
    ["as they begin", "2026-11-30T08:00:00Z", true, "2026-11-30T11:00:00.000Z"],
    ["between two times of a day", "2026-11-30T11:30:00Z", false, "2026-11-30T12:00:00.000Z"],
    ["in the second time of a day", "2026-11-30T15:59:59Z", true, "2026-11-30T16:00:00.000Z"],
    ["as they end", "2026-11-30T16:00:00Z", false, "2026-12-01T08:00:00.000Z"],
    ["on a weekend, until Monday", "2026-11-28T12:00:00Z", false, "2026-11-30T08:00:00.000Z"],
  ])("%s", (_, now, isOpen, changesAt) => expect(at(BERLIN, now)).toEqual([isOpen, changesAt]));

  it.each([
    [
      "the hours of Friday, a weekend, and Monday's an hour earlier",
      "2026-03-27T16:30:00Z",
      "2026-03-30T07:00:00.000Z",
    ],
    [
      "the hours of Friday, a weekend, and Monday's an hour later",
      "2026-10-23T15:30:00Z",
      "2026-10-26T08:00:00.000Z",
    ],
  ])(
    "begin by the local clock when it was changed meanwhile: %s",
    (_, now, changesAt) => expect(at(BERLIN, now)).toEqual([false, changesAt]),
  );

  it("last an hour less in the night in which clocks are put forward, and an hour more when they are put back", () => {
    const night: OfficeHours = { zone: "America/New_York", sat: ["22:00-06:00"] };
    expect(at(night, "2026-03-08T03:00:00Z")).toEqual([true, "2026-03-08T10:00:00.000Z"]);
    expect(at(night, "2026-11-01T02:00:00Z")).toEqual([true, "2026-11-01T11:00:00.000Z"]);
    // 02:00 there: the hour that was shown twice is over.
    expect(at(night, "2026-11-01T07:00:00Z")).toEqual([true, "2026-11-01T11:00:00.000Z"]);
  });

  it("begin and end as the clocks are put forward where a time lies in the hour that is skipped", () => {
    const early: OfficeHours = { zone: "America/New_York", sun: ["02:30-05:00"] };
    expect(at(early, "2026-03-08T06:59:00Z")).toEqual([false, "2026-03-08T07:00:00.000Z"]);
    const late: OfficeHours = { zone: "America/New_York", sat: ["20:00-02:30"] };
    expect(at(late, "2026-03-08T06:59:00Z")).toEqual([true, "2026-03-08T07:00:00.000Z"]);
    const skipped: OfficeHours = { zone: "America/New_York", sun: ["02:10-02:50"] };
    expect(at(skipped, "2026-03-08T06:00:00Z")).toEqual([false, "2026-03-15T06:10:00.000Z"]);
  });

  it("hold both times where an hour is shown twice", () => {
    const hours: OfficeHours = { zone: "America/New_York", sun: ["01:15-01:45"] };
    expect(at(hours, "2026-11-01T05:00:00Z")).toEqual([false, "2026-11-01T05:15:00.000Z"]);
    expect(at(hours, "2026-11-01T05:50:00Z")).toEqual([true, "2026-11-01T06:45:00.000Z"]);
  });

  it("go on past midnight, also from Sunday to Monday", () => {
    const night: OfficeHours = { zone: "UTC", sun: ["22:00-02:00"] };
    expect(at(night, "2026-11-30T01:59:00Z")).toEqual([true, "2026-11-30T02:00:00.000Z"]);
    expect(at(night, "2026-11-30T02:00:00Z")).toEqual([false, "2026-12-06T22:00:00.000Z"]);
  });

  it("go on where one time ends as the next begins", () => {
    const hours: OfficeHours = { zone: "UTC", mon: ["09:00-24:00"], tue: ["00:00-12:00"] };
    expect(at(hours, "2026-11-30T10:00:00Z")).toEqual([true, "2026-12-01T12:00:00.000Z"]);
  });

  it("never change where they are all week or none", () => {
    const all = ["00:00-24:00"];
    const always = {
      zone: "Asia/Kathmandu",
      mon: all,
      tue: all,
      wed: all,
      thu: all,
      fri: all,
      sat: all,
      sun: all,
    };
    expect(at(always, "2026-11-30T10:00:00Z")).toEqual([true, null]);
    expect(at({ zone: "UTC" }, "2026-11-30T10:00:00Z")).toEqual([false, null]);
  });

  it("are reckoned by the day of the zone and not of the machine", () => {
    const hours: OfficeHours = { zone: "Pacific/Auckland", tue: ["09:00-17:00"] };
    expect(at(hours, "2026-11-30T20:30:00Z")).toEqual([true, "2026-12-01T04:00:00.000Z"]);
  });
});

describe("what is wrong with office hours", () => {
  const problems = (hours: Partial<OfficeHours>) => officeHoursProblems({ zone: "UTC", ...hours });

  it("is nothing where times touch, or go on past midnight", () => {
    const sun = ["22:00-02:00"];
    expect(problems({ ...BERLIN, sun })).toEqual([]);
    expect(problems({ wed: ["17:00-09:00", "08:00-10:00"] })).toEqual([]);
    expect(problems({ mon: ["00:00-24:00"], tue: ["00:00-01:00", "01:00-02:00"] })).toEqual([]);
  });

  it.each(["Europe/Atlantis", "", "+02:00", "Berlin"])(
    "is the time zone %j",
    (zone) =>
      expect(problems({ zone })).toEqual([{
        field: "zone",
        message: `There is no time zone “${zone}”: name one as IANA does, such as Europe/Berlin.`,
      }]),
  );

  it.each(["9:00-17:00", "09:00", "09:00-25:00", "24:00-01:00", "09:00–17:00", " 09:00-17:00"])(
    "is what is written otherwise: %j",
    (text) =>
      expect(problems({ tue: [text] })).toEqual([{
        field: "tue",
        message: `“${text}” is not a time such as 09:00-17:00, or 22:00-02:00 past midnight.`,
      }]),
  );

  it("is a time that ends as it begins", () =>
    expect(problems({ tue: ["09:00-09:00"] })).toEqual([
      { field: "tue", message: "09:00-09:00 is no time at all. A whole day is 00:00-24:00." },
    ]));

  it.each<[Partial<OfficeHours>, string, string]>([
    [{ mon: ["09:00-12:00", "11:59-17:00"] }, "mon", "11:59-17:00 overlaps with 09:00-12:00."],
    [{ mon: ["22:00-02:00"], tue: ["01:00-03:00"] }, "tue", "01:00-03:00 overlaps with 22:00-02:00."],
    [{ mon: ["01:00-03:00"], sun: ["22:00-02:00"] }, "sun", "22:00-02:00 overlaps with 01:00-03:00."],
    [{ wed: ["17:00-09:00"], thu: ["08:00-10:00"] }, "thu", "08:00-10:00 overlaps with 17:00-09:00."],
  ])(
    "is what overlaps: %j",
    (hours, field, message) => expect(problems(hours)).toEqual([{ field, message }]),
  );

  it("is a fifth time in a day", () => {
    const tue = ["01:00-02:00", "03:00-04:00", "05:00-06:00", "07:00-08:00", "09:00-10:00"];
    expect(problems({ tue })).toEqual([{ field: "tue", message: "A day has at most 4 times." }]);
  });
});
