import { randomUUID } from "node:crypto";
import { createClient, type SupabaseClient, type SupabaseClientOptions } from "@supabase/supabase-js";
import { expect } from "vitest";
import { WebSocket } from "ws";
import type { TestStack } from "../../support/stack.ts";

const transport = WebSocket as unknown as NonNullable<
  SupabaseClientOptions<"public">["realtime"]
>["transport"];

export const PASSWORD = "correct horse battery staple";

/** A client as a page has it, that keeps its session in memory. */
export function pageClient(stack: TestStack, flowType: "implicit" | "pkce" = "implicit"): SupabaseClient {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  return createClient(stack.apiUrl, stack.publishableKey, {
    auth: { autoRefreshToken: false, detectSessionInUrl: false, persistSession: true, storage, flowType },
    realtime: { transport },
  });
}

/** A client as an owner's server has it. */
export function serverClient(stack: TestStack): SupabaseClient {
  return createClient(stack.apiUrl, stack.secretKey, {
    auth: { autoRefreshToken: false, persistSession: false },
    realtime: { transport },
  });
}

export function newAddress(): string {
  return `user-${randomUUID().slice(0, 8)}@example.com`;
}

/** A confirmed user with the password of all. */
export async function newUser(stack: TestStack): Promise<{ id: string; email: string }> {
  const email = newAddress();
  const { data, error } = await serverClient(stack).auth.admin.createUser({
    email,
    password: PASSWORD,
    email_confirm: true,
  });
  expect(error).toBeNull();
  return { id: data.user?.id ?? "", email };
}

export async function signedIn(stack: TestStack, email: string): Promise<SupabaseClient> {
  const client = pageClient(stack);
  const { error } = await client.auth.signInWithPassword({ email, password: PASSWORD });
  expect(error).toBeNull();
  return client;
}

/** A request to Auth without a client library. */
export async function ask(
  stack: TestStack,
  path: string,
  { headers, body, method = body === undefined ? "GET" : "POST" }: {
    headers?: Record<string, string>;
    body?: unknown;
    method?: string;
  } = {},
) {
  const answer = await fetch(`${stack.apiUrl}/auth/v1${path}`, {
    method,
    redirect: "manual",
    headers: { apikey: stack.publishableKey, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    location: answer.headers.get("location") ?? "",
    body: text && answer.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text,
  };
}

export interface Mail {
  ID: string;
  To: { Address: string }[];
  Bcc: { Address: string }[];
  Subject: string;
  Text: string;
  HTML: string;
}

/** The newest mail to an address, with the link and the code in it. */
export async function mailTo(
  stack: TestStack,
  address: string,
): Promise<Mail & { link: string; code: string }> {
  const list = await fetch(`${stack.mailUrl}/api/v1/search?query=${encodeURIComponent(`to:"${address}"`)}`);
  const { messages: [newest] } = await list.json();
  if (!newest) throw new Error(`no mail to ${address}`);
  const mail: Mail = await (await fetch(`${stack.mailUrl}/api/v1/message/${newest.ID}`)).json();
  return {
    ...mail,
    link: /https?:\S+/.exec(mail.Text)?.[0] ?? "",
    code: /code: (\d+)/.exec(mail.Text)?.[1] ?? "",
  };
}

/** Where a link of a mail leads to. */
export async function follow(link: string): Promise<URL> {
  const { status, headers } = await fetch(link, { redirect: "manual" });
  expect(status).toBe(303);
  return new URL(headers.get("location") ?? "");
}

export function fragmentOf(url: URL): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(url.hash.slice(1)));
}
