/** A browser's cache storage in memory, as far as it is used. */
export function createCaches() {
  const kept = new Map<string, Map<string, Response>>();
  return {
    has: (name: string) => Promise.resolve(kept.has(name)),
    open(name: string) {
      const cache = kept.get(name) ?? new Map<string, Response>();
      kept.set(name, cache);
      return Promise.resolve({
        put: (url: string, response: Response) => Promise.resolve(void cache.set(url, response)),
        match: (url: string) => Promise.resolve(cache.get(url)),
        delete: (url: string) => Promise.resolve(cache.delete(url)),
      });
    },
  };
}
