const AGAIN_AFTER_MS = 500;

/** An answer that came to its end. */
export interface Answer {
  status: number;
  text: string;
}

/** Asks once more where no whole answer came back, or a fault of the server: only for requests that may be made twice. */
export async function patiently(request: () => Promise<Response>): Promise<Answer> {
  const first = await wholeAnswer(request).catch(() => null);
  if (first !== null && first.status < 500) return first;
  await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  return await wholeAnswer(request);
}

async function wholeAnswer(request: () => Promise<Response>): Promise<Answer> {
  const answer = await request();
  return { status: answer.status, text: await answer.text() };
}
