import { describe, expect, it } from "vitest";
import { estimate, type Month } from "../../../cli/cost/estimate.ts";
import { DATABASE_BYTES, DELIVERIES } from "../../../cli/cost/measured.ts";
import { bill, type Plan, PLANS } from "../../../cli/cost/plans.ts";

const [free, pro] = PLANS as [Plan, Plan];

describe("the estimate", () => {
  const quiet: Month = {
    visits: 1000,
    views: 4,
    minutes: 5,
    known: 1,
    listening: 0,
    opened: 0,
    messages: 6,
    widgets: 1,
    webhooks: 0,
    mails: 0,
    pushes: 0,
    answers: 0,
    peak: 5,
  };

  it("counts page views of known visitors, and a validation for every five minutes of a visit", () => {
    expect(estimate(quiet)).toEqual({
      invocations: 1000 * (1 + 4),
      realtimeMessages: 0,
      peakConnections: 0,
      databaseBytes: DATABASE_BYTES,
    });
    expect(estimate({ ...quiet, minutes: 11 }).invocations).toBe(1000 * (3 + 4));
    expect(estimate({ ...quiet, minutes: 60 }).invocations).toBe(1000 * (4 + 4));
  });

  it("counts nothing for visitors who are not known and don't open the widget", () => {
    expect(estimate({ ...quiet, known: 0, listening: 1 }).invocations).toBe(0);
  });

  it("counts messages for every open widget", () => {
    const talking = { ...quiet, known: 0, opened: 0.1 };
    const perVisit = 1 + 1 + 1 + 1 + 3;
    expect(estimate(talking)).toMatchObject({
      invocations: 100 * (perVisit + 6 * (1 + 3)),
      realtimeMessages: 100 * 6 * 4,
    });
    expect(estimate({ ...talking, widgets: 2 })).toMatchObject({
      invocations: 100 * (perVisit + 6 * (1 + 6)),
      realtimeMessages: 100 * 6 * 6,
    });
  });

  it("counts what leaves the project, the log while somebody reads it, and answers that grow", () => {
    const talking = { ...quiet, known: 0, opened: 0.1 };
    const before = estimate(talking);
    const { eventBytes, deliveryBytes } = DELIVERIES;
    const written = 100 * 6;
    expect(estimate({ ...talking, webhooks: 2, mails: 30, pushes: 40 })).toEqual({
      ...before,
      invocations: before.invocations + written + 30 + 40,
      databaseBytes: DATABASE_BYTES + written * eventBytes * 7 / 30 +
        (written * 2 + 70) * deliveryBytes,
    });
    expect(estimate({ ...talking, answers: 50 })).toEqual({
      ...before,
      invocations: before.invocations + 50,
      realtimeMessages: before.realtimeMessages + 50 * 120,
    });
  });

  it("takes the busiest moment for the connections", () => {
    // 1,000 visits of 43.2 minutes fill a month of 43,200 minutes once.
    expect(estimate({ ...quiet, listening: 1, minutes: 43.2, peak: 5 }).peakConnections).toBe(5);
  });
});

describe("a plan's bill", () => {
  const nothing = { invocations: 0, realtimeMessages: 0, peakConnections: 0, databaseBytes: 0 };

  it("is the plan's own price up to its quotas", () => {
    expect(bill(pro, pro.included)).toEqual({ fits: true, dollars: 0 });
    expect(bill(free, free.included)).toEqual({ fits: true, dollars: 0 });
  });

  it("counts begun packages as whole ones", () => {
    expect(bill(pro, { ...nothing, invocations: 3_000_001 }).dollars).toBe(4);
    expect(bill(pro, { ...nothing, realtimeMessages: 5_000_001, peakConnections: 501 }).dollars).toBe(12.5);
  });

  it("says where a plan ends whatever is paid", () => {
    expect(bill(pro, { ...nothing, peakConnections: 10_000 })).toEqual({ fits: true, dollars: 100 });
    expect(bill(pro, { ...nothing, peakConnections: 10_001 }).fits).toBe(false);
  });

  it("says that a plan without packages has no more room", () => {
    expect(bill(free, { ...nothing, peakConnections: 201 })).toEqual({ fits: false, dollars: 0 });
  });
});
