import * as z from "zod";
import { TAB_CATEGORIES } from "../../../../shared/tabs.ts";
import { signingSchema } from "../channels/signing.ts";

export const openTabSchema = z.object({
  tab: z.object({ id: z.string(), category: z.enum(TAB_CATEGORIES) }),
  action: z.object({ url: z.string() }),
  connector: z.object({ kind: z.literal("bearer"), host: z.string(), value: z.string() }).nullable(),
  signing: signingSchema,
  webhook: z.object({ current: z.string(), previous: z.string().nullable() }),
});

/** Everything one tab call needs: where to send it, with which secrets. */
export type OpenTab = z.infer<typeof openTabSchema>;
export type Connector = NonNullable<OpenTab["connector"]>;
