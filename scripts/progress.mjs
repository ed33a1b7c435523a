const WORTH_A_LINE_MS = 500;

/**
 * Awaits a step; one that takes more than half a second gets a line when it is seen to be slow and one when it is done,
 * on standard error: what a command prints with --json stays JSON.
 * @template T
 * @param {string} name
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
export async function progress(name, work) {
  const from = performance.now();
  let slow = false;
  const timer = setTimeout(() => {
    slow = true;
    console.error(`  … ${name}`);
  }, WORTH_A_LINE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    if (slow) console.error(`  ✓ ${name} (${seconds(performance.now() - from)})`);
  }
}

/** @param {number} ms */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
