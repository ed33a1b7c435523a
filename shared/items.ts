import * as z from "zod";

const fields = z.record(z.string(), z.unknown());

export const attachmentSchema = z.object({
  id: z.string().optional(),
  url: z.string(),
  name: z.string().optional(),
  mime: z.string().optional(),
  /** Bytes. */
  size: z.number().optional(),
  /** Pixels. */
  width: z.number().optional(),
  height: z.number().optional(),
});

export const AUTHOR_ROLES = ["visitor", "operator", "bot", "system"] as const;

/** A row of a tab's list: a conversation, or a record of a default tab. Times are ISO 8601. */
export const itemSchema = z.object({
  id: z.string(),
  title: z.string().optional(),
  preview: z.string().optional(),
  /** Who wrote what `preview` shows. */
  previewRole: z.enum(AUTHOR_ROLES).optional(),
  timestamp: z.string().optional(),
  unread: z.number().int().nonnegative(),
  status: z.string().optional(),
  avatarUrl: z.string().optional(),
  /** What the owner sent beyond the known names, untouched. */
  fields,
});

export const authorSchema = z.object({
  role: z.enum(AUTHOR_ROLES),
  id: z.string().optional(),
  name: z.string().optional(),
  avatarUrl: z.string().optional(),
});

export const ENTRY_STATUSES = ["streaming", "cancelled", "error"] as const;
export type EntryStatus = (typeof ENTRY_STATUSES)[number];

/** One message of a thread. Times are ISO 8601. */
export const entrySchema = z.object({
  id: z.string(),
  /** Echo of the id the widget proposed when it sent the entry. */
  clientId: z.string().optional(),
  author: authorSchema,
  body: z.string(),
  /** Absent where the owner sent none; the widget then keeps the given order and shows no time. */
  createdAt: z.string().optional(),
  editedAt: z.string().optional(),
  deletedAt: z.string().optional(),
  readAt: z.string().optional(),
  /** `streaming` while the body grows; `cancelled` or `error` where it ended before it was whole. */
  status: z.enum(ENTRY_STATUSES).optional(),
  attachments: z.array(attachmentSchema),
  fields,
});

export type Attachment = z.infer<typeof attachmentSchema>;
export type Item = z.infer<typeof itemSchema>;
export type Author = z.infer<typeof authorSchema>;
export type AuthorRole = (typeof AUTHOR_ROLES)[number];
export type Entry = z.infer<typeof entrySchema>;
