let last = 0;

/**
 * A number larger than every earlier one. Fetches, subscriptions and receipts take one when they happen, so that
 * "started after" can be compared without a clock.
 */
export function nextInOrder(): number {
  return ++last;
}
