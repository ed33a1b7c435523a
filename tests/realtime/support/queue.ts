/** Things that happened, in order, for a test to await one by one. */
export class Queue<T> {
  readonly #items: T[] = [];
  #wake: () => void = () => undefined;

  push(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  /** Things that nobody has awaited yet. */
  get size(): number {
    return this.#items.length;
  }

  async next(): Promise<T> {
    for (;;) {
      const [item] = this.#items.splice(0, 1);
      if (item !== undefined) return item;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Skips to the first item that fits. */
  async nextWhere(fits: (item: T) => boolean): Promise<T> {
    for (;;) {
      const item = await this.next();
      if (fits(item)) return item;
    }
  }
}
