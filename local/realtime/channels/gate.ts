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
