type Run = (...given: unknown[]) => void;

/**
 * Follows the timers of a clock that is faked already, until the real one is back. Returns what tells how many are pending
 * that code of this folder set: code of other test files in the same worker may set some, too.
 */
export function followTimers(folder: string): () => number {
  const pending = new Set<unknown>();
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const isOurs = () => new Error().stack?.includes(`/${folder}/`) ?? false;
  // With the marks by which the fakes are told apart when the real clock comes back.
  globalThis.setTimeout = Object.assign((run: Run, milliseconds?: number, ...given: unknown[]) => {
    const id = setTimeout(() => {
      pending.delete(id);
      run(...given);
    }, milliseconds);
    if (isOurs()) pending.add(id);
    return id;
  }, setTimeout);
  globalThis.setInterval = Object.assign((run: Run, milliseconds?: number, ...given: unknown[]) => {
    const id = setInterval(run, milliseconds, ...given);
    if (isOurs()) pending.add(id);
    return id;
  }, setInterval);
  globalThis.clearTimeout = Object.assign((id: Parameters<typeof clearTimeout>[0]) => {
    pending.delete(id);
    clearTimeout(id);
  }, clearTimeout);
  globalThis.clearInterval = Object.assign((id: Parameters<typeof clearInterval>[0]) => {
    pending.delete(id);
    clearInterval(id);
  }, clearInterval);
  return () => pending.size;
}
