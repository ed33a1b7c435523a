/**
 * What Supabase's plans include for each month and organization, and what more of it costs, in US dollars. From Supabase's
 * documentation (docs/costs.md names the pages), read in November 2026. Prices change.
 */
export interface Plan {
  name: string;
  /** Of the plan itself. */
  price: number;
  included: Record<Meter, number>;
  /** Price of each begun package beyond what is included; without one the plan ends there. */
  beyond?: Record<Meter, { units: number; price: number }>;
  /** Limits that can't be raised by paying for more. */
  most?: Partial<Record<Meter, number>>;
}

export type Meter = "invocations" | "realtimeMessages" | "peakConnections" | "databaseBytes";

const MILLION = 1_000_000;
const MEGABYTE = 1_000_000;
const GIGABYTE = 1_000_000_000;

export const PLANS: readonly Plan[] = [
  {
    name: "Free",
    price: 0,
    included: {
      invocations: 500_000,
      realtimeMessages: 2 * MILLION,
      peakConnections: 200,
      databaseBytes: 500 * MEGABYTE,
    },
  },
  {
    name: "Pro",
    price: 25,
    included: {
      invocations: 2 * MILLION,
      realtimeMessages: 5 * MILLION,
      peakConnections: 500,
      databaseBytes: 8 * GIGABYTE,
    },
    beyond: {
      invocations: { units: MILLION, price: 2 },
      realtimeMessages: { units: MILLION, price: 2.5 },
      peakConnections: { units: 1000, price: 10 },
      databaseBytes: { units: GIGABYTE, price: 0.125 },
    },
    most: { peakConnections: 10_000 },
  },
];

/** Whether a plan has room for the usage, and what the usage costs on it beyond the plan's own price. */
export function bill(plan: Plan, usage: Record<Meter, number>): { fits: boolean; dollars: number } {
  let dollars = 0;
  for (const [meter, included] of Object.entries(plan.included) as [Meter, number][]) {
    const over = usage[meter] - included;
    if (over <= 0) continue;
    if (!plan.beyond || usage[meter] > (plan.most?.[meter] ?? Infinity)) return { fits: false, dollars: 0 };
    const { units, price } = plan.beyond[meter];
    dollars += Math.ceil(over / units) * price;
  }
  return { fits: true, dollars };
}
