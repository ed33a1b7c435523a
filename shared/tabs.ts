import * as z from "zod";

export const TAB_CATEGORIES = ["default", "messaging"] as const;
export const TAB_ACTIONS = [
  "get_items",
  "item_clicked",
  "create_item",
  "update_item",
  "delete_item",
] as const;

/** What answers a tab's actions: a webhook of the owner's, or the conversations that Heddle keeps. */
export const TAB_SOURCES = ["webhook", "store"] as const;

/** What a store tab may ask anonymous visitors for after their first message. */
export const VISITOR_FIELDS = ["name", "email"] as const;

export type TabCategory = (typeof TAB_CATEGORIES)[number];
export type TabSource = (typeof TAB_SOURCES)[number];
export type VisitorField = (typeof VISITOR_FIELDS)[number];
export type TabAction = (typeof TAB_ACTIONS)[number];

export const FORM_FIELD_TYPES = ["text", "textarea", "number", "date", "checkbox"] as const;

/** A field of a default tab's update form. */
export const formFieldSchema = z.object({
  key: z.string().min(1),
  label: z.string().min(1),
  type: z.enum(FORM_FIELD_TYPES),
});

/** What visitors of a store tab are told before anybody answers. */
export const officeSchema = z.object({
  /** In a new conversation. */
  greeting: z.string().optional(),
  /** Nobody is there: it is outside office hours, and nobody of the team is online. */
  away: z.boolean(),
  /** While that is so, in place of the widget's own sentence. */
  awayMessage: z.string().optional(),
  /** ISO 8601: when the office hours begin or end next. Absent: never. */
  changesAt: z.string().optional(),
});

/** A tab as the widget sees it: `actions` lists those that its source has. */
export const tabSchema = z.object({
  id: z.string(),
  name: z.string(),
  icon: z.string().optional(),
  category: z.enum(TAB_CATEGORIES),
  source: z.enum(TAB_SOURCES),
  actions: z.array(z.enum(TAB_ACTIONS)),
  /** Fields of the update form; absent or empty: no form. */
  fields: z.array(formFieldSchema).optional(),
  /** Of store tabs: what anonymous visitors are asked for. */
  visitorFields: z.array(z.enum(VISITOR_FIELDS)).optional(),
  /** Of store tabs whose owner has visitors told of answers by push: the public key to subscribe with. */
  pushKey: z.string().optional(),
  /** Of store tabs of an agent with a greeting or office hours. */
  office: officeSchema.optional(),
});

export type Office = z.infer<typeof officeSchema>;
export type FormField = z.infer<typeof formFieldSchema>;
export type Tab = z.infer<typeof tabSchema>;
