/** Runs tasks one after the other, in the order they were posted. */
export class Mailbox {
  #last: Promise<void> = Promise.resolve();
  readonly #onError: (error: unknown) => void;

  /** `onError` hears of a task that failed; the next one runs all the same. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  post(task: () => void | Promise<void>): void {
    this.#last = this.#last.then(task).catch(this.#onError);
  }
}

/** Lets tasks through while it is open; while it is closed they wait in line. */
export class Gate {
  #open = true;
  #waiting: (() => void)[] = [];

  get isOpen(): boolean {
    return this.#open;
  }

  pass(task: () => void): void {
    if (this.#open) task();
    else this.#waiting.push(task);
  }

  /** Resolves when the gate is open. */
  passed(): Promise<void> {
    return new Promise((resolve) => this.pass(resolve));
  }

  close(): void {
    this.#open = false;
  }

  open(): void {
    this.#open = true;
    const tasks = this.#waiting;
    this.#waiting = [];
    for (const task of tasks) task();
  }
}
