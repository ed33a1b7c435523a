import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { GatewayErrorCode } from "../../shared/api/gateway.ts";
import { HeddleError } from "../../shared/errors.ts";
import type { TopicFilter } from "../../shared/topics.ts";
import type { Connection } from "../connections.ts";
import type { Database } from "../database.ts";
import type { Hub } from "../log/hub.ts";
import { type Outlet, Subscriber, Subscription } from "../log/subscriber.ts";
import type { Caller, Reader, Readers } from "../readers/reader.ts";
import { answerJson } from "./answers.ts";

export interface PollSetup {
  hub: Hub;
  database: Database;
  readers: Readers;
}

export interface Asked {
  caller: Caller;
  reader: Reader;
  filters: TopicFilter[];
  since: string | null;
  limit: number;
}

/** Answers { events, cursor } once, at once. Throws `Refusal` for a cursor that is none, or is over. */
export async function answerNow(asked: Asked, database: Database, response: ServerResponse): Promise<void> {
  answerJson(response, 200, await read(asked, asked.reader, database));
}

/**
 * Somebody who waits for the answer of a request: { events, cursor } as soon as there is an event, or after their time. What they
 * may read is asked again before anything that came meanwhile is read for them.
 */
export class Poll implements Connection, Outlet {
  readonly id = randomUUID();
  readonly caller: Caller;
  readonly session = null;
  readonly member = null;
  readonly subscriber: Subscriber;
  readonly #asked: Asked;
  readonly #setup: PollSetup;
  readonly #response: ServerResponse;
  /** One ring that came before somebody waits for it is not forgotten. */
  #hasRung = false;
  #isOver = false;
  #wake = () => {};

  constructor(asked: Asked, setup: PollSetup, response: ServerResponse) {
    this.caller = asked.caller;
    this.subscriber = new Subscriber(asked.reader, this);
    this.#asked = asked;
    this.#setup = setup;
    this.#response = response;
    const { hub } = setup;
    hub.subscribers.add(this.subscriber);
    hub.watch(
      new Subscription({
        name: "events",
        kind: "topic",
        filters: asked.filters,
        subscriber: this.subscriber,
      }),
    );
    response.on("close", () => this.restart());
  }

  /** Settles when it was answered, or is of no use. Throws as `Readers.reachOf`, and `expired_session`. */
  async answer(seconds: number): Promise<void> {
    const { database, readers } = this.#setup;
    const until = performance.now() + seconds * 1000;
    for (let since = this.#asked.since;;) {
      const answer = await read({ ...this.#asked, since }, this.subscriber.reader, database);
      const left = until - performance.now();
      if (answer.events.length > 0 || left <= 0 || this.#isOver) {
        return answerJson(this.#response, 200, answer);
      }
      since = answer.cursor;
      await this.#rung(left);
      if (this.#response.destroyed) return;
      if (this.#isExpired()) {
        throw new HeddleError("expired_session", "Ask again with a fresh token.");
      }
      this.subscriber.reader = await readers.reachOf(this.caller, null);
    }
  }

  sendRow(): void {
    this.#ring();
  }

  sendCursor(): void {}

  sendNow(): void {}

  drained(): Promise<boolean> {
    return Promise.resolve(true);
  }

  tooSlow(): void {}

  /** Why is found when what they may read is asked again. */
  end(_code: GatewayErrorCode, _message: string): void {
    this.#ring();
  }

  restart(): void {
    this.#isOver = true;
    this.#ring();
  }

  tend(): void {
    if (this.#isExpired()) this.#ring();
  }

  #isExpired(): boolean {
    const { endsAt } = this.caller;
    return endsAt !== null && endsAt <= Date.now();
  }

  #ring(): void {
    this.#hasRung = true;
    this.#wake();
  }

  /** Settles when it rings, or after so many milliseconds. */
  async #rung(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
      if (this.#hasRung) resolve();
    });
    clearTimeout(timer);
    this.#hasRung = false;
  }
}

async function read({ filters, since, limit }: Asked, { whole, agents }: Reader, database: Database) {
  return await database.call("events_after", {
    p_since: since,
    p_wanted: { orgs: [...whole], agents: [...agents], topics: filters },
    p_limit: limit,
  }) as { events: unknown[]; cursor: string };
}
