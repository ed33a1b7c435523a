import * as z from "zod";
import { TAB_CATEGORIES } from "../../../../shared/tabs.ts";
import { signingSchema } from "../channels/signing.ts";

const credential = { host: z.string(), value: z.string() };

const connectorSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("bearer"), ...credential }),
  /** `value`: user, colon, password. */
  z.object({ kind: z.literal("basic"), ...credential }),
  /** `header`: lowercase; the database lets in none that Heddle or the transport needs for itself. */
  z.object({ kind: z.literal("header"), header: z.string(), ...credential }),
]);

export const openTabSchema = z.object({
  tab: z.object({ id: z.string(), category: z.enum(TAB_CATEGORIES) }),
  action: z.object({ url: z.string() }),
  connector: connectorSchema.nullable(),
  signing: signingSchema,
  webhook: z.object({ current: z.string(), previous: z.string().nullable() }),
});

/** Everything one tab call needs: where to send it, with which secrets. */
export type OpenTab = z.infer<typeof openTabSchema>;
export type Connector = NonNullable<OpenTab["connector"]>;
