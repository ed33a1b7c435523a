/** What a publish costs at the least: a function that makes two POSTs to Realtime, and nothing else. */
const { default: apikey } = JSON.parse(Deno.env.get("SUPABASE_SECRET_KEYS") ?? "{}");
const broadcasts = `${Deno.env.get("SUPABASE_URL")}/realtime/v1/api/broadcast`;

async function fetch(request: Request): Promise<Response> {
  const { topics } = await request.json();
  const body = JSON.stringify({
    v: 1,
    id: crypto.randomUUID(),
    type: "refresh",
    at: new Date().toISOString(),
    data: {},
  });
  await Promise.all(topics.map(async (topic: string) => {
    const answer = await globalThis.fetch(
      `${broadcasts}/${encodeURIComponent(topic)}/events/refresh?private=true`,
      {
        method: "POST",
        headers: { apikey, "content-type": "application/json" },
        body,
      },
    );
    await answer.body?.cancel();
  }));
  return Response.json({ ok: true, channels: topics });
}

export default { fetch };
