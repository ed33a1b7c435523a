const WORTH_A_LINE_MS = 500;

/** Awaits a step; one that takes more than half a second is announced. */
export type Progress = <T>(name: string, work: Promise<T>) => Promise<T>;

/** Announces slow steps through `notice`. */
export function progressOn(notice: (line: string) => void): Progress {
  return async (name, work) => {
    const timer = setTimeout(() => notice(`  … ${name}`), WORTH_A_LINE_MS);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  };
}
