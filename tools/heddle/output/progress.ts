const WORTH_A_LINE_MS = 500;

/** Awaits a step; one that takes more than half a second is announced on standard error. */
export async function progress<T>(name: string, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => console.error(`  … ${name}`), WORTH_A_LINE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
