const AGAIN_AFTER_MS = 500;

/** Asks once more where nothing came back, or a fault of the server: only for requests that may be made twice. */
export async function patiently(request: () => Promise<Response>): Promise<Response> {
  const first = await request().catch(() => null);
  if (first !== null && first.status < 500) return first;
  await first?.body?.cancel();
  await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  return await request();
}
