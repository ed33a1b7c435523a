import type { Sql } from "postgres";

/** What Postgres notifies of new messages on; the text is `row <id>`. */
export const NOTIFICATIONS = "realtime_messages";

/**
 * Makes Postgres tell of every message that is inserted, when its transaction commits. A notification holds 8,000 bytes
 * at most, so it carries the row's id. Probes of the policies have no event and are not told of.
 */
export async function createMessageTrigger(sql: Sql): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`set local role supabase_realtime_admin`;
    // A function's body takes no parameters; the name is a constant.
    await transaction.unsafe(`
      create or replace function realtime.notify_message() returns trigger language plpgsql as $$
      begin
        perform pg_notify('${NOTIFICATIONS}', 'row ' || new.id);
        return null;
      end $$`);
    await transaction.unsafe(`
      create or replace trigger notify_message after insert on realtime.messages for each row
      when (new.event is not null and (new.payload is not null or new.binary_payload is not null))
      execute function realtime.notify_message()`);
  });
}
