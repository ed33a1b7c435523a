import type postgres from "postgres";
import type { Envelope } from "../../../shared/events.ts";
import { keyHeaders } from "../../../shared/keys.ts";
import { failed, type Finding, OK, unchecked, worst } from "../../checks.ts";
import { ask } from "../../connection/http.ts";
import { callRpc, refusalIn } from "../../connection/rest.ts";
import { messageOf } from "../../errors.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { readPolicy, RECEIVE } from "../policies.ts";
import { openSocket, type Socket, wellFormedName } from "../realtime.ts";
import { asVisitor, type Check, lacking, type Subject } from "../subject.ts";

const LOOK_AT_REALTIME = "Look at status.supabase.com and at the project's Realtime logs, then try again.";

export const listening: Check = {
  id: "listen",
  title: "Visitors join their channels and hear broadcasts",
  async run(subject) {
    const tried = await onChannel(subject, (reason) =>
      failed(
        `a join was refused: ${reason}`,
        "Check that Realtime is enabled, then run the statements of the realtime_policies migration again.",
      ), hearFromRest);
    return worst(await readPolicy(subject.sql, RECEIVE), tried);
  },
};

export const databaseBroadcast: Check = {
  id: "broadcast-database",
  title: "Visitors hear broadcasts that the database sends",
  async run(subject) {
    if (!subject.sql && !subject.secretKey) return lacking(subject, "--secret-key or --database-url");
    return await onChannel(subject, () => unchecked("the channel could not be joined"), hearFromDatabase);
  },
};

interface Listener {
  subject: Subject;
  url: string;
  socket: Socket;
  topic: string;
}

/** Joins an unused channel as a visitor, and listens there. */
async function onChannel(
  subject: Subject,
  refused: (reason: string) => Finding,
  hear: (listener: Listener) => Promise<Finding>,
): Promise<Finding> {
  const visitor = asVisitor(subject);
  if ("status" in visitor) return visitor;
  const socket = await openSocket(visitor.url, visitor.publishableKey);
  if (!socket) return unchecked("no socket could be opened");
  try {
    const topic = wellFormedName();
    const joined = await socket.join(topic, { private: true });
    if (!joined.ok) return refused(joined.reason.replace(topic, "…"));
    return await hear({ subject, url: visitor.url, socket, topic });
  } finally {
    socket.close();
  }
}

async function hearFromRest({ subject, url, socket, topic }: Listener): Promise<Finding> {
  const { secretKey, patienceMs } = subject;
  if (!secretKey) return OK;
  const { status } = await ask(
    `${url}/realtime/v1/api/broadcast/${encodeURIComponent(topic)}/events/doctor?private=true`,
    {
      method: "POST",
      headers: { ...keyHeaders(secretKey), "content-type": "application/json" },
      body: "{}",
    },
  );
  if (status === 401 || status === 403) return unchecked("the secret key may not broadcast");
  // A self-hosted Realtime before 2.97: the functions then broadcast from the database.
  if (status === 404) return unchecked("this Realtime takes no single broadcasts");
  if (status === 202 && await socket.receives("doctor", patienceMs)) return OK;
  return failed(
    status === 202 ? "a broadcast did not arrive" : `Realtime answered a broadcast with status ${status}`,
    LOOK_AT_REALTIME,
  );
}

async function hearFromDatabase({ subject, url, socket, topic }: Listener): Promise<Finding> {
  const event: Envelope = {
    v: 1,
    id: crypto.randomUUID(),
    type: "refresh",
    at: new Date().toISOString(),
    data: {},
  };
  const refusal = subject.sql
    ? await sendBySql(subject.sql, topic, event)
    : await sendByDataApi({ url, key: subject.secretKey ?? "" }, topic, event);
  if (refusal) return faultOf(refusal);
  if (await socket.receives(event.type, subject.patienceMs)) return OK;
  return failed(
    `the database accepted a broadcast, but it did not arrive within ${subject.patienceMs} ms`,
    "Realtime reads them from Postgres' log: restart it (Dashboard → Project Settings → General → Restart project), then read its logs.",
  );
}

/** Why a call of `heddle_api.broadcast` failed. */
interface Refusal {
  code: string;
  message: string;
}

async function sendBySql(sql: postgres.Sql, topic: string, event: Envelope): Promise<Refusal | null> {
  return await sql`select heddle_api.broadcast(array[${topic}]::text[], ${event.type}, ${
    sql.json(event as never)
  })`
    .then(() => null, (error: { code?: string }) => ({ code: error.code ?? "", message: messageOf(error) }));
}

async function sendByDataApi(
  access: { url: string; key: string },
  topic: string,
  event: Envelope,
): Promise<Refusal | null> {
  const args = { p_channels: [topic], p_event: event.type, p_payload: event };
  const { status, text } = await callRpc(access, "heddle_api", "broadcast", args);
  if (status < 300) return null;
  const { code = "", message = `status ${status}` } = refusalIn(text);
  return { code, message };
}

function faultOf({ code, message }: Refusal): Finding {
  if (["42883", "3F000", "PGRST202"].includes(code)) {
    return failed(
      "the function heddle_api.broadcast is missing",
      `Apply the migrations: ${HEDDLE} install.`,
    );
  }
  if (/no partition of relation/.test(message)) {
    return failed(
      "Realtime has no partition for today's messages",
      "It makes one when somebody joins a channel: try again in a minute, then read the project's Realtime logs.",
    );
  }
  if (code === "42501" || code === "PGRST106" || code === "") {
    return unchecked("heddle_api.broadcast could not be called");
  }
  return failed(`the database refuses to broadcast: ${message}`, LOOK_AT_REALTIME);
}
