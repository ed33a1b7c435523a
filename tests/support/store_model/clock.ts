interface Timer {
  at: number;
  id: number;
  run: () => void;
  cancelled: boolean;
}

/** Simulated time with many timers; each instant's promises settle before the next one comes. */
export class ModelClock {
  time = Date.parse("2026-01-01T00:00:00Z");
  /** A binary heap: the next timer is the first. */
  readonly #heap: Timer[] = [];
  #lastId = 0;

  now = () => this.time;

  after(milliseconds: number, run: () => void): Timer {
    const timer = { at: this.time + Math.max(0, milliseconds), id: ++this.#lastId, run, cancelled: false };
    this.#push(timer);
    return timer;
  }

  cancel(timer: unknown): void {
    (timer as Timer).cancelled = true;
  }

  async advance(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settled();
    for (let next = this.#heap[0]; next && next.at <= end; next = this.#heap[0]) {
      this.#pop();
      if (next.cancelled) continue;
      this.time = next.at;
      next.run();
      await settled();
    }
    this.time = end;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let place = heap.push(timer) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(timer, heap[parent])) break;
      heap[place] = heap[parent] as Timer; // within the heap
      place = parent;
    }
    heap[place] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      const next = heap[child];
      if (!next || !isBefore(next, last)) break;
      heap[place] = next;
      place = child;
    }
    heap[place] = last;
  }
}

function isBefore(first: Timer | undefined, second: Timer | undefined): boolean {
  if (!first || !second) return Boolean(first);
  return first.at < second.at || (first.at === second.at && first.id < second.id);
}

/** Everything that waits for promises has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
