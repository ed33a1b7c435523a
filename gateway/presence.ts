import { randomUUID } from "node:crypto";
import type { Database } from "./database.ts";
import { Tally } from "./limits.ts";

/** The database takes a gateway for gone after a minute, and a member after 40 s. */
const BEAT_MS = 20_000;
/** For others to come and go, who are told of together. */
const TOGETHER_MS = 500;
/** Who came back within this has not been away. */
const AWAY_MS = 20_100;
/** A gateway that ends waits no longer for the database. */
const LAST_MS = 1_000;

export interface PresenceSetup {
  database: Database;
  log(what: string, error?: unknown): void;
}

/**
 * Tells the database that this gateway is there, and which members are connected to it: so they are online for their team until
 * 20 s after their last connection, at whichever gateway that was.
 */
export class Presence {
  readonly #setup: PresenceSetup;
  readonly #id = randomUUID();
  /** Connections by member. */
  readonly #members = new Tally();
  readonly #beat = setInterval(() => this.#tell(), BEAT_MS);
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #telling: Promise<void> | null = null;
  #isDue = false;
  #isFailing = false;
  #isStopped = false;
  #goOn = () => {};
  #isKnown = false;

  constructor(setup: PresenceSetup) {
    this.#setup = setup;
    this.#tell();
  }

  /** Whether the database has this gateway's word: before that nothing is told that is not kept. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  come(member: string): void {
    this.#members.add(member, 1);
    if (this.#members.of(member) === 1) this.#tell();
  }

  go(member: string): void {
    this.#members.add(member, -1);
    if (this.#members.of(member) > 0) return;
    this.#tell();
    // Their time is over then, and nobody else may look.
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#tell();
    }, AWAY_MS);
    this.#timers.add(timer);
  }

  /** Says that all have gone. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#beat);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#isDue = true;
    this.#goOn();
    const last = this.#telling ?? this.#tellWhileDue();
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([last, new Promise((resolve) => timer = setTimeout(resolve, LAST_MS))]);
    clearTimeout(timer);
  }

  #tell(): void {
    if (this.#isStopped) return;
    this.#isDue = true;
    this.#telling ??= this.#tellWhileDue().finally(() => this.#telling = null);
  }

  async #tellWhileDue(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false;
      try {
        const members = this.#isStopped ? [] : this.#members.names();
        await this.#setup.database.call("gateway_here", {
          p_id: this.#id,
          p_users: `{${members.join(",")}}`,
        });
        this.#isKnown = true;
        this.#isFailing = false;
      } catch (error) {
        // Of an outage its beginning is told. The next beat tries again.
        if (!this.#isFailing) this.#setup.log("presence_failed", error);
        this.#isFailing = true;
      }
      if (!this.#isStopped) await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, TOGETHER_MS);
      this.#goOn = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
