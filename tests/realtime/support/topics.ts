import { createHash, randomUUID } from "node:crypto";
import type { Sql } from "postgres";

/** A well-formed name of a visitor's channel: what the deployed policies let anybody listen to. */
export function visitorTopic(): string {
  const id = randomUUID();
  return `conv-${id}-${createHash("sha256").update(id).digest("hex")}`;
}

/** Lets `anon` and `authenticated` receive and send on `room:…`: an ordinary channel of the project's owner. */
export async function openRooms(sql: Sql): Promise<void> {
  await sql`
    create policy "rooms are read" on realtime.messages for select to anon, authenticated
    using (realtime.topic() like 'room:%')`;
  await sql`
    create policy "rooms are written" on realtime.messages for insert to anon, authenticated
    with check (realtime.topic() like 'room:%' and extension = 'broadcast')`;
}
