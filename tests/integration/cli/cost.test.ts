import { expect, it } from "vitest";
import { heddle } from "./run.ts";

it("the calculator says where a plan ends, and what usage beyond it requires", async () => {
  const ask = async (visits: string) => (await heddle(["cost", "--visits", visits, "--peak", "50"])).stdout;
  expect(await ask("1000")).not.toMatch(/spend cap|ends at/);
  expect(await ask("2000000")).toMatch(/\$25 \+ \$[1-9].*\n\nUsage beyond Pro's quotas needs its spend cap/);
  expect(await ask("20000000")).toMatch(
    /does not fit +does not fit\n\nPro ends at 10,000 Realtime connections at once, even without a spend cap/,
  );
});

it("the calculator's invocations can be retraced", async () => {
  const { stdout } = await heddle(["cost", "--visits", "1000", "--known", "50", "--json"]);
  const { month, usage, invocations } = JSON.parse(stdout);
  expect(month).toMatchObject({ known: 50, listening: 10, opened: 5 });
  expect(invocations).toEqual({
    sessions: 1000 * 0.5,
    pageViews: 1000 * 0.5 * 4,
    listening: 1000 * 0.1 * 4,
    opened: 1000 * 0.05 * (1 + 1 + 3 + 0.5 * 2),
    messages: 1000 * 0.05 * 6 * (1 + 3),
    deliveries: 0,
    answers: 0,
  });
  const sum = (Object.values(invocations) as number[]).reduce((all, number) => all + number);
  expect(usage.invocations).toBe(sum);
});

it("the calculator refuses more listeners than known visitors", async () => {
  const { code, stderr } = await heddle(["cost", "--known", "5", "--listening", "50"]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "--listening can't be more than --known: who has a conversation is known by it.\n",
  });
  expect((await heddle(["cost", "--known", "5"])).stdout).toContain("--known 5, --listening 5,");
});

it("the calculator refuses values that are not numbers", async () => {
  for (const words of [["--visits", "many"], ["--known", "101"], ["--peak", "-1"]]) {
    const { code, stderr } = await heddle(["cost", ...words]);
    expect({ code, said: stderr.includes(`${words[0]}`) }).toEqual({ code: 2, said: true });
  }
});
