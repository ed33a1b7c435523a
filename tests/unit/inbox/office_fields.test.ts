import { expect, test } from "vitest";
import type { OfficeSettings } from "../../../inbox/core/settings.ts";
import { fieldsOfOffice, hoursIn, problemsIn, stateIn } from "../../../inbox/ui/settings/office_fields.ts";
import { officeWords } from "../../../inbox/ui/settings/words.ts";
import { WEEKDAYS } from "../../../shared/office_hours.ts";

const HOURS = {
  zone: "Europe/Berlin",
  mon: ["09:00-12:00", "13:00-17:00"],
  sat: ["22:00-02:00"],
  wed: ["00:00-24:00"],
};
const office = (changes: Partial<OfficeSettings> = {}): OfficeSettings => ({
  ...{ greeting: null, officeHours: HOURS, awayMessage: null },
  ...changes,
});
const EVERY_DAY = Object.fromEntries(WEEKDAYS.map((day) => [day, []]));

test("hours that are saved stand in the form, and are the same when nothing was changed", () => {
  const fields = fieldsOfOffice(office({ greeting: "Hi" }));
  expect(fields).toMatchObject({ greeting: "Hi", awayMessage: "", when: "hours", zone: "Europe/Berlin" });
  expect([fields["mon 1 from"], fields["wed 0 to"], fields["tue 0 from"]]).toEqual(["13:00", "00:00", ""]);
  expect(hoursIn(fields)).toEqual({ ...EVERY_DAY, ...HOURS });
  expect(problemsIn(fields)).toEqual([]);
});

test("who is always there is offered the hours of an office, which count once they are chosen", () => {
  const fields = fieldsOfOffice(office({ officeHours: null }));
  expect([fields.when, hoursIn(fields)]).toEqual(["always", null]);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const day = ["09:00-17:00"];
  expect(hoursIn({ ...fields, when: "hours" }))
    .toEqual({ zone, mon: day, tue: day, wed: day, thu: day, fri: day, sat: [], sun: [] });
});

test("a time that is cleared is none, one that is half filled in is a problem of its day", () => {
  const fields = fieldsOfOffice(office());
  expect(hoursIn({ ...fields, "mon 0 from": "", "mon 0 to": "" })?.mon).toEqual(["13:00-17:00"]);
  expect(problemsIn({ ...fields, "mon 0 to": "" })).toEqual([{
    field: "mon",
    message: officeWords.halfTime,
  }]);
  expect(problemsIn({ ...fields, "mon 0 to": "", when: "always" })).toEqual([]);
  expect(problemsIn({ ...fields, "mon 0 to": "13:30", zone: "Europe/Atlantis" }).map(({ field }) => field))
    .toEqual(["zone", "mon"]);
});

test("it says whether somebody is there now, and until when by the clocks of the zone", () => {
  const fields = fieldsOfOffice(office());
  const at = (time: string) => stateIn(fields, Date.parse(time));
  const write = (time: string, weekday?: "long") =>
    new Date(time).toLocaleString(undefined, {
      timeZone: "Europe/Berlin",
      weekday,
      hour: "numeric",
      minute: "2-digit",
    });
  expect(at("2026-11-30T09:00:00Z")).toBe(officeWords.openUntil(write("2026-11-30T11:00:00Z")));
  expect(at("2026-11-30T17:00:00Z")).toBe(officeWords.closedUntil(write("2026-12-01T23:00:00Z", "long")));
  expect(stateIn({ ...fields, zone: "nowhere" }, 0)).toBe("");
  expect(stateIn({ ...fields, when: "always" }, 0)).toBe("");
  const never = fieldsOfOffice(office({ officeHours: { zone: "UTC" } }));
  expect(stateIn(never, 0)).toBe(officeWords.closedAlways);
});
