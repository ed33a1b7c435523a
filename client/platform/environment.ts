export type TimerId = unknown;

/**
 * `visible` and `hidden` follow the tab, `focus` the window, `online` and `offline` the network; `restored` means that the
 * page came back from the back/forward cache and `stored` that it went there, both without a load.
 */
export type PageEvent = "visible" | "hidden" | "focus" | "online" | "offline" | "restored" | "stored";

/** `session` lasts as long as the browser tab, `local` until the visitor clears it. */
export type StorageArea = "session" | "local";

/** What a visitor looks at while they write. Their browser says it: nothing of it is proven. */
export interface PageInfo {
  /** Its first 200 characters. */
  title: string;
  /** Without query and fragment, which may hold what is nobody else's business. */
  url: string;
  /** BCP 47. */
  locale: string;
  /** IANA. */
  timeZone: string;
}

/** Everything the engine takes from its surroundings, so that a test can be those surroundings. */
export interface Environment {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Milliseconds since the epoch. */
  now(): number;
  setTimeout(run: () => void, milliseconds: number): TimerId;
  clearTimeout(id: TimerId): void;
  /** At least 0 and less than 1. */
  random(): number;
  uuid(): string;
  /**
   * A number larger than every earlier one. Fetches, subscriptions and receipts take one when they happen, so
   * that "started after" can be compared without a clock.
   */
  nextInOrder(): number;
  storage: {
    read(area: StorageArea, key: string): string | null;
    /** `null` removes the key. False if the value lives in memory only, because storage is blocked. */
    write(area: StorageArea, key: string, value: string | null): boolean;
  };
  /**
   * Runs it while no other tab of this browser runs something under that name, or at once where none can be
   * asked.
   */
  exclusively<Value>(name: string, run: () => Promise<Value>): Promise<Value>;
  page: {
    isVisible(): boolean;
    /** False only if there is certainly no network. */
    isOnline(): boolean;
    /** Nothing where the page has no address that a link may hold. */
    info(): PageInfo | undefined;
    /** Returns what ends the subscription. */
    listen(handler: (event: PageEvent) => void): () => void;
  };
  /** Tells who looks into the page's console what only its owner, or we, can mend. */
  warn(message: string, cause?: unknown): void;
}
