import type { Clock } from "../clock.ts";

/** Lets so many calls through in each window; the first call after a window begins the next one. */
export class CallLimit {
  readonly #clock: Clock;
  readonly #calls: number;
  readonly #windowMs: number;
  #count = 0;
  #endsAt = -Infinity;

  constructor(clock: Clock, { calls, windowMs }: { calls: number; windowMs: number }) {
    this.#clock = clock;
    this.#calls = calls;
    this.#windowMs = windowMs;
  }

  /** Counts a call; `false` if it is one too many. */
  allow(): boolean {
    if (this.#clock.now() > this.#endsAt) {
      this.#endsAt = this.#clock.now() + this.#windowMs;
      this.#count = 0;
    }
    if (this.#count >= this.#calls) return false;
    this.#count++;
    return true;
  }
}
