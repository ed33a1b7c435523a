const SANE = /^[\w.:-]{1,128}$/;

/** The caller's `x-request-id` if it is one that may stand in a log line, else a new one. */
export function requestIdOf(request: Request): string {
  const proposed = request.headers.get("x-request-id");
  return proposed !== null && SANE.test(proposed) ? proposed : crypto.randomUUID();
}
