/** Answers of the broadcast endpoints, with the texts of Realtime. */

export function accepted(): Response {
  return new Response(null, { status: 202 });
}

export function message(status: number, text: string): Response {
  return Response.json({ message: text }, { status });
}

export function invalid(errors: Record<string, unknown>): Response {
  return Response.json({ errors }, { status: 422 });
}

export function html(status: number, text: string): Response {
  return new Response(text, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}

export const BLANK = "can't be blank";
export const NOT_VALID = "is invalid";
export const TOO_FAST = "You have exceeded your rate limit";
export const TOO_LARGE = "Payload size exceeds tenant limit";

/** Whether Realtime takes a text for missing: empty or nothing but white space. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}
