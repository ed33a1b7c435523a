import type { Clock } from "../clock.ts";

const SECOND_MS = 1000;
/** Seconds that the mean goes over, once so many have passed. */
const WINDOW = 60;

/**
 * Events per second of a whole project: the mean of the seconds since the first event, sixty of them at most. The second
 * under way does not count yet. Source: supabase/realtime, lib/realtime/rate_counter/rate_counter.ex.
 */
export class Rate {
  readonly #clock: Clock;
  readonly #limit: () => number;
  /** Events of the seconds that have passed. */
  #passed: number[] = [];
  #current = 0;
  /** When the second under way began; `null` before the first event. */
  #startedAt: number | null = null;
  #mean = 0;

  /** `limit` in events per second; 0 is none. */
  constructor(clock: Clock, limit: () => number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  count(): void {
    this.#catchUp();
    this.#startedAt ??= this.#clock.now();
    this.#current++;
  }

  get perSecond(): number {
    this.#catchUp();
    return this.#mean;
  }

  get limit(): number {
    return this.#limit();
  }

  /** Whether the rate has reached its limit. */
  get reached(): boolean {
    return this.limit > 0 && this.perSecond >= this.limit;
  }

  /** Whether so many events more would be too many. */
  hasRoomFor(events: number): boolean {
    return this.limit === 0 || this.perSecond + events <= this.limit;
  }

  /** Counts anew. */
  restart(): void {
    this.#passed = [];
    this.#current = 0;
    this.#startedAt = null;
    this.#mean = 0;
  }

  #catchUp(): void {
    if (this.#startedAt === null) return;
    const seconds = Math.floor((this.#clock.now() - this.#startedAt) / SECOND_MS);
    if (seconds <= 0) return;
    this.#startedAt += seconds * SECOND_MS;
    const idle: number[] = Array(Math.min(seconds - 1, WINDOW)).fill(0);
    this.#passed = [...this.#passed, this.#current, ...idle].slice(-WINDOW);
    this.#current = 0;
    this.#mean = this.#passed.reduce((sum, events) => sum + events, 0) / this.#passed.length;
  }
}
