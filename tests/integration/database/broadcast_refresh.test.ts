import { afterAll, beforeAll, expect, it } from "vitest";
import { keepPartitions } from "../../../local/realtime/database/partitions.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";

const PAYLOAD = { v: 1, id: "8d8a3c53-7e0e-4c43-9b37-0a2f31e2a0c5", type: "refresh", at: "now", data: {} };
let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const stored = () => database.sql`select topic, private, payload from realtime.messages order by topic`;

async function broadcast(channels: string[], payload: Record<string, unknown> = PAYLOAD): Promise<void> {
  await database.sql.begin(async (tx) => {
    await tx`set local role service_role`;
    await tx`select heddle_api.broadcast_refresh(${channels}, ${tx.json(payload as never)})`;
  });
}

it("fails as a whole where Realtime only warns: without a partition for today", async () => {
  await expect(broadcast(["conv-1"])).rejects.toThrow("Realtime stored 0 of 1 messages");
});

it("stores one private message for each channel, with the envelope as it is", async () => {
  await keepPartitions(database.sql, Date.now());
  await broadcast(["conv-1", "conv-2"]);
  expect([...await stored()]).toEqual([
    { topic: "conv-1", private: true, payload: PAYLOAD },
    { topic: "conv-2", private: true, payload: PAYLOAD },
  ]);
});

it("stores nothing unless it can store everything", async () => {
  await database.sql`
    alter table realtime.messages add constraint no_third check (topic <> 'conv-3')`;
  const before = await stored();
  await expect(broadcast(["conv-1", "conv-3"], { ...PAYLOAD, id: "another" }))
    .rejects.toThrow("Realtime stored 1 of 2 messages");
  expect(await stored()).toHaveLength(before.length);
});
