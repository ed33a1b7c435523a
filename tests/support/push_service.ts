import { createECDH, type ECDH, randomBytes, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import ece from "http_ece";
import { importJWK, type JWTPayload, jwtVerify } from "jose";
import type { Sql } from "postgres";
import { listen } from "./listen.ts";

/** A push message as a browser reads it. */
export interface Pushed {
  message: { title: string; body: string; agentId: string; conversationId: string };
  /** Of the whole body. */
  bytes: number;
  headers: IncomingMessage["headers"];
  claims: JWTPayload;
}

export interface Browser {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

interface Device {
  ecdh: ECDH;
  auth: Buffer;
  answers: { status: number; retryAfter?: string }[];
}

/** A push service as RFC 8030 describes it, and the browsers behind it: what they can't read or was not signed is answered with 400. */
export async function startPushService() {
  const devices = new Map<string, Device>();
  const received: Pushed[] = [];
  let publicKey: string | undefined;

  const server = createServer(async (request, response) => {
    const device = devices.get(request.url?.split("/").pop() ?? "");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (!device) return response.writeHead(404).end();
    try {
      received.push(await read(device, request, Buffer.concat(chunks)));
    } catch (error) {
      return response.writeHead(400).end(String(error));
    }
    const { status, retryAfter } = device.answers.shift() ?? { status: 201 };
    response.writeHead(status, retryAfter === undefined ? {} : { "retry-after": retryAfter }).end();
  });
  const { url: origin, stop } = await listen(server);

  async function read(device: Device, { headers }: IncomingMessage, body: Buffer): Promise<Pushed> {
    const [, token = "", key = ""] = /^vapid t=([^,]+), k=([\w-]+)$/.exec(headers.authorization ?? "") ?? [];
    if (publicKey !== undefined && key !== publicKey) throw new Error("another key than was subscribed with");
    const point = Buffer.from(key, "base64url");
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
    const verified = await jwtVerify(token, await importJWK({ kty: "EC", crv: "P-256", x, y }, "ES256"), {
      audience: origin,
      requiredClaims: ["exp", "sub"],
    });
    if (headers["content-encoding"] !== "aes128gcm" || !headers.ttl) throw new Error("headers are missing");
    const text = ece.decrypt(body, {
      version: "aes128gcm",
      privateKey: device.ecdh,
      authSecret: device.auth,
    });
    return {
      message: JSON.parse(text.toString()),
      bytes: body.length,
      headers,
      claims: verified.payload,
    };
  }

  return {
    origin,
    received,
    /** Has this project send to it, though it is on this machine. Before the first message. */
    async allowedBy(sql: Sql) {
      await sql`update heddle.delivery_worker set push_hosts = ${["127.0.0.1"]}`;
    },
    /** Only messages signed with this key are taken from now on. */
    expectKey(key: string) {
      publicKey = key;
    },
    /** A browser that subscribes. `answers`: what the service says of the first messages to it, instead of 201. */
    subscribe(answers: Device["answers"] = []): Browser {
      const ecdh = createECDH("prime256v1");
      ecdh.generateKeys();
      const auth = randomBytes(16);
      const id = randomUUID();
      devices.set(id, { ecdh, auth, answers });
      return {
        endpoint: `${origin}/push/${id}`,
        keys: { p256dh: ecdh.getPublicKey("base64url"), auth: auth.toString("base64url") },
      };
    },
    stop,
  };
}
