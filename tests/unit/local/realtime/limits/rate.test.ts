import { expect, test } from "vitest";
import { Rate } from "../../../../../local/realtime/limits/rate.ts";
import { FakeClock } from "../fake_services.ts";

function counter(limit: number) {
  const clock = new FakeClock();
  const rate = new Rate(clock, () => limit);
  const count = (events: number) => {
    for (let event = 0; event < events; event++) rate.count();
  };
  return { clock, rate, count };
}

test("without a limit events are counted and never too many", () => {
  const { clock, rate, count } = counter(0);
  count(1000);
  clock.advance(1000);
  expect([rate.perSecond, rate.reached, rate.hasRoomFor(1000)]).toEqual([1000, false, true]);
});

test("the second under way does not count yet, a passed one does", () => {
  const { clock, rate, count } = counter(100);
  count(400);
  expect([rate.perSecond, rate.reached]).toEqual([0, false]);
  clock.advance(1000);
  expect([rate.perSecond, rate.reached]).toEqual([400, true]);
});

test("the rate is the mean of the seconds that have passed since the first event", () => {
  const { clock, rate, count } = counter(100);
  clock.advance(60_000);
  count(300);
  clock.advance(1000);
  count(60);
  clock.advance(1000);
  expect([rate.perSecond, rate.reached]).toEqual([180, true]);
  clock.advance(2000);
  expect([rate.perSecond, rate.reached]).toEqual([90, false]);
});

test("seconds are forgotten after a minute", () => {
  const { clock, rate, count } = counter(10);
  count(5900);
  clock.advance(60_000);
  expect(rate.reached).toBe(true);
  clock.advance(1000);
  expect(rate.perSecond).toBe(0);
});

test("what is at the limit has reached it, and has room for nothing more", () => {
  const { clock, rate, count } = counter(10);
  count(9);
  clock.advance(1000);
  expect([rate.reached, rate.hasRoomFor(1), rate.hasRoomFor(2)]).toEqual([false, true, false]);
  count(11);
  clock.advance(1000);
  expect([rate.reached, rate.hasRoomFor(0), rate.hasRoomFor(1)]).toEqual([true, true, false]);
});

test("begun anew it knows of nothing", () => {
  const { clock, rate, count } = counter(10);
  count(500);
  clock.advance(1000);
  rate.restart();
  clock.advance(1000);
  expect([rate.perSecond, rate.reached]).toEqual([0, false]);
});
