import * as z from "zod";
import { lowercaseUuid } from "../ids.ts";
import { tabSchema } from "../tabs.ts";

const MAX_TOKEN_CHARACTERS = 8192;

export const validateWidgetRequest = z.object({
  agentId: lowercaseUuid,
  /** The owner's JWT for the visitor. */
  userToken: z.string().min(1).max(MAX_TOKEN_CHARACTERS).optional(),
  /** An anonymous visitor's token from an earlier answer. What is none counts as none: a browser's storage may be damaged. */
  visitorToken: z.string().optional(),
});

export const displaySchema = z.object({
  title: z.string(),
  /** `#rrggbb`. */
  accent: z.string(),
  theme: z.enum(["auto", "light", "dark"]),
  /** Accessible name of the launcher. */
  launcher: z.string(),
  /** BCP 47. */
  locale: z.string(),
});

export const endUserSchema = z.object({
  id: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
  anonymous: z.boolean(),
});

export const validateWidgetAnswer = z.object({
  /** Bearer token of tab calls. */
  session: z.string(),
  /** ISO 8601; the session ends then. */
  expiresAt: z.string(),
  /** Seconds after which a resuming widget validates again before it joins a channel. */
  revalidateAfter: z.number().int(),
  visitorToken: z.string().optional(),
  agent: z.object({ id: z.string(), name: z.string() }),
  display: displaySchema,
  endUser: endUserSchema,
  tabs: z.array(tabSchema),
  realtime: z.object({ key: z.string() }),
  /** Changes when channel names do. */
  channelsVersion: z.string(),
});

export type ValidateWidgetRequest = z.infer<typeof validateWidgetRequest>;
export type ValidateWidgetAnswer = z.infer<typeof validateWidgetAnswer>;
export type Display = z.infer<typeof displaySchema>;
export type EndUser = z.infer<typeof endUserSchema>;
