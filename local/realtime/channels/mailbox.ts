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
