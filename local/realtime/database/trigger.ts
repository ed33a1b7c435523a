/**
 * What Realtime reads in a replication slot: the rows that were inserted, whether they are still there or not. Here a trigger
 * puts each row into notifications, which Postgres hands out when the transaction commits, in order.
 */
import { Buffer } from "node:buffer";
import type { Sql } from "postgres";
import { asObject } from "../json.ts";

/** A stored message: `payload` as JSON text, or `binary_payload`. */
export interface MessageRow {
  id: string;
  topic: string;
  event: string;
  private: boolean;
  payload: string | null;
  binary_payload: Uint8Array<ArrayBuffer> | null;
}

/** The channel that the trigger notifies on. */
export const NOTIFICATIONS = "realtime_messages";

/** A notification holds less than 8,000 bytes; base64 makes four of three, without the line breaks. */
const PART_BYTES = 5_700;

/**
 * Makes Postgres tell of every message that is inserted, in parts: `row <id> <part> <parts> <base64 of its JSON>`. Probes of
 * the policies have no event and are not told of.
 */
export async function createMessageTrigger(sql: Sql): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`set local role supabase_realtime_admin`;
    // A function's body takes no parameters; name and size are constants.
    await transaction.unsafe(`
      create or replace function realtime.notify_message() returns trigger language plpgsql set search_path = '' as $$
      declare
        v_row bytea := convert_to(
          json_build_object(
            'topic', new.topic, 'event', new.event, 'private', new.private,
            'payload', new.payload::text, 'binary_payload', encode(new.binary_payload, 'base64')
          )::text,
          'UTF8'
        );
        v_parts integer := ceil(length(v_row) / ${PART_BYTES}.0);
      begin
        for part in 0..v_parts - 1 loop
          perform pg_notify('${NOTIFICATIONS}', concat_ws(' ', 'row', new.id, part, v_parts,
            translate(encode(substring(v_row from part * ${PART_BYTES} + 1 for ${PART_BYTES}), 'base64'), E'\\n', '')));
        end loop;
        return null;
      end $$`);
    await transaction.unsafe(`
      create or replace trigger notify_message after insert on realtime.messages for each row
      when (new.event is not null and (new.payload is not null or new.binary_payload is not null))
      execute function realtime.notify_message()`);
  });
}

/** Puts the parts of a row together; `null` until the last one, and where the first ones were missed. */
export function createRowReader(): (notification: string) => MessageRow | null {
  let parts: string[] = [];

  return (notification) => {
    const [id = "", part, count, text = ""] = notification.split(" ");
    // All notifications of a transaction come in one piece.
    if (part === "0") parts = [];
    if (parts.length !== Number(part)) return null;
    parts.push(text);
    if (parts.length !== Number(count)) return null;
    const bytes = Buffer.concat(parts.map((each) => Buffer.from(each, "base64")));
    const { topic, event, payload, binary_payload, ...row } = asObject(JSON.parse(bytes.toString()));
    return {
      id,
      topic: String(topic),
      event: String(event),
      private: row.private === true,
      payload: typeof payload === "string" ? payload : null,
      binary_payload: typeof binary_payload === "string"
        ? Uint8Array.from(Buffer.from(binary_payload, "base64"))
        : null,
    };
  };
}
