import { expect, test } from "vitest";
import { RequestLimiter } from "../../../../../local/realtime/rest/request_limiter.ts";
import { FakeClock } from "../fake_services.ts";

function limiter(limit: number) {
  const clock = new FakeClock();
  const requests = new RequestLimiter(clock, limit);
  const send = (times: number) => Array.from({ length: times }, () => requests.count()).at(-1);
  return { clock, requests, send };
}

test("without a limit nothing is counted", () => {
  expect(limiter(0).send(1000)).toBeNull();
});

test("the second under way does not count yet, a passed one does", () => {
  const { clock, send } = limiter(100);
  expect(send(400)).toEqual({ rolling: 0, limit: 100, exceeded: false });
  clock.advance(1000);
  expect(send(1)).toEqual({ rolling: 400, limit: 100, exceeded: true });
});

test("the rate is the mean of the seconds that have passed, and refused requests count too", () => {
  const { clock, send } = limiter(100);
  send(300);
  clock.advance(1000);
  send(60);
  clock.advance(1000);
  expect(send(1)).toMatchObject({ rolling: 180, exceeded: true });
  clock.advance(2000);
  expect(send(1)).toMatchObject({ rolling: 90, exceeded: false });
});

test("seconds are forgotten after a minute", () => {
  const { clock, send } = limiter(10);
  send(5900);
  clock.advance(60_000);
  expect(send(1)).toMatchObject({ rolling: 98, exceeded: true });
  clock.advance(1000);
  expect(send(1)).toMatchObject({ rolling: 0, exceeded: false });
});

test("another limit counts anew", () => {
  const { clock, requests, send } = limiter(10);
  send(500);
  clock.advance(1000);
  requests.limit = 20;
  expect(send(1)).toEqual({ rolling: 0, limit: 20, exceeded: false });
});
