interface Timer {
  id: number;
  at: number;
  run: () => void;
}

/** Lets everything that waits for promises go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Time that passes only when a test says so. */
export class FakeClock {
  time = Date.parse("2026-01-01T00:00:00Z");
  #timers: Timer[] = [];
  #lastId = 0;

  now = () => this.time;

  setTimeout = (run: () => void, milliseconds: number) => {
    this.#timers.push({ id: ++this.#lastId, at: this.time + milliseconds, run });
    return this.#lastId;
  };

  clearTimeout = (id: unknown) => {
    this.#timers = this.#timers.filter((timer) => timer.id !== id);
  };

  get pending(): number {
    return this.#timers.length;
  }

  async advance(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settle();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
      if (!next) break;
      this.time = Math.max(this.time, next.at);
      this.clearTimeout(next.id);
      next.run();
      await settle();
    }
    this.time = end;
  }

  /** Time passes and no timer runs, as in a page that sleeps; overdue ones run with the next `advance`. */
  sleep(milliseconds: number): void {
    this.time += milliseconds;
  }
}
