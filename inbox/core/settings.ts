import { isUncertain, type Result } from "../../client/http/problem.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Shape } from "../../client/http/transport.ts";
import type { OfficeHours } from "../../shared/office_hours.ts";
import type { FormDrafts } from "./form_drafts.ts";
import type { Config, Project } from "./project.ts";
import type { Label, Role } from "./team.ts";
import { createUndelivered } from "./undelivered.ts";
import { createWebhooks } from "./webhooks.ts";

export interface SavedReply {
  id: string;
  shortcut: string;
  body: string;
}

/** What visitors of store tabs are told before anybody answers. */
export interface OfficeSettings {
  greeting: string | null;
  /** `null`: always there. */
  officeHours: OfficeHours | null;
  awayMessage: string | null;
}

/** A site's agent as its owners see it. Times are ISO 8601. */
export interface Site extends OfficeSettings {
  origins: string[];
  /** Of the widget; `null`: its default. */
  title: string | null;
  accent: string | null;
  /** Visitors without a token are let in. */
  anonymousAllowed: boolean;
  tabs: { id: string; name: string; category: string; source: string }[];
  keys: {
    id: string;
    name: string;
    createdAt: string;
    lastUsedAt?: string | null;
    revokedAt?: string | null;
  }[];
  connectors: { id: string; name: string; kind: string; host: string; actions: number }[];
  bots: { id: string; name: string; host: string; autoRespond: string }[];
  /** The last failures of webhooks and broadcasts. */
  issues: {
    tab: string;
    kind: string;
    count: number;
    lastAt: string;
    action?: string | null;
    host?: string | null;
    detail?: string | null;
  }[];
}

/** What of a site is changed: each by itself. */
export interface SiteChanges {
  title?: string;
  accent?: string;
  addOrigin?: string;
  removeOrigin?: string;
}

/** A ready-made rule for notifications. */
export interface Rule {
  rule: string;
  on: boolean;
  /** How long a visitor waits before the team is told. */
  minutes?: number;
  /** Besides the inbox: `email`, `push`. */
  channels: string[];
  priority: string;
  /** Minutes: before a mail leaves, and from one about a conversation to the next. */
  delay: number;
  batch: number;
  /** When nothing leaves. Times as `22:00`. */
  quiet: { from: string; to: string; zone: string } | null;
}

/** What an owner says of a bot. */
export interface BotFields {
  name: string;
  url: string;
  autoRespond: string;
}

/** Whom an owner invites. Who is a member keeps what is left out. */
export interface Invitee {
  email: string;
  name?: string;
  role?: Role;
  /** Whether for all of the organisation's agents; without it for as many as the owner answers for. */
  everyAgent?: boolean;
}

/** As whom somebody answers. */
export interface Answering {
  name: string;
  role: string;
  /** For all of the organisation's agents. */
  everyAgent: boolean;
}

/** What became of an invitation. */
export interface Invited extends Answering {
  /** A mail is on its way; else they have an account. */
  invited: boolean;
  /** What they were before; `null` for a new member. */
  was: Answering | null;
}

export interface SettingsSetup {
  project: Project;
  agentId: string;
  drafts: FormDrafts;
  /** Labels or members are others now; resolves once that is shown. */
  onChanged(): Promise<void>;
}

/** What a team keeps and changes about itself. */
export type Settings = ReturnType<typeof createSettings>;

type CheckedInvited = Omit<Invited, "was">;
const INVITED: Shape<CheckedInvited> = { name: "", role: "", everyAgent: true, invited: true };
const REPLY = { id: "", shortcut: "", body: "" };
/** What must hold of rules before they are shown. */
type CheckedRules = { rules: Omit<Rule, "minutes" | "quiet">[] };
const RULES: Shape<CheckedRules> = {
  rules: [{ rule: "", on: true, channels: [""], priority: "", delay: 0, batch: 0 }],
};
const SITE: Shape<CheckedSite> = {
  origins: [""],
  anonymousAllowed: true,
  tabs: [{ id: "", name: "", category: "", source: "" }],
  keys: [{ id: "", name: "", createdAt: "" }],
  connectors: [{ id: "", name: "", kind: "", host: "", actions: 0 }],
  bots: [{ id: "", name: "", host: "", autoRespond: "" }],
  issues: [{ tab: "", kind: "", count: 0, lastAt: "" }],
};

export function createSettings({ project, agentId, drafts, onChanged }: SettingsSetup) {
  const about = { p_agent_id: agentId };

  /** A call after which the team is another one. */
  async function change<Value>(name: string, args: object, shape: Shape<Value>): Promise<Result<Value>> {
    const result = await project.call<Value>(name, { ...about, ...args }, shape);
    if (result.ok) await onChanged();
    return result;
  }

  return {
    webhooks: createWebhooks({ project, agentId }),
    undelivered: createUndelivered({ project, agentId }),
    config: project.config as Readonly<Config>,
    /** A line that an owner types in a terminal. */
    typed: (command: string) => `${project.config.command ?? "npx heddle"} ${command}`,
    agentId,
    /** What is typed into its forms and not saved. */
    drafts,
    /** A new label for `id` null. */
    saveLabel: (id: number | null, name: string, color: string) =>
      change<Label>("inbox_save_label", { p_label_id: id, p_name: name, p_color: color }, LABEL),
    deleteLabel: (id: number) => change<object>("inbox_delete_label", { p_label_id: id }, {}),
    changeMember: (userId: string, changes: { name?: string; role?: Role }) =>
      change<object>("inbox_update_member", { p_user_id: userId, p_changes: changes }, {}),
    /** `page`: the inbox's own address, to which the mail's link leads if Auth allows it and the functions name no other. */
    async invite(invitee: Invitee, page: string): Promise<Result<Invited>> {
      const body = { agentId, ...invitee, page };
      const result = await project.post<CheckedInvited>("invite-member", body, INVITED);
      // Also where no answer came: they may be a member.
      if (result.ok || isUncertain(result.problem)) await onChanged();
      return result as Result<Invited>;
    },
    /** Their account stays. */
    removeMember: (userId: string) => change<object>("inbox_remove_member", { p_user_id: userId }, {}),
    ...createSavedReplies(project, about),
    ...createSite(project, about),
    ...createBots(project, about),
    rules: (): Promise<Result<{ rules: Rule[] }>> =>
      project.call<CheckedRules>("inbox_rules", about, RULES) as Promise<Result<{ rules: Rule[] }>>,
    setRule: ({ rule, on, minutes, channels, priority, delay, batch, quiet }: Rule) =>
      project.call<CheckedRules>(
        "inbox_set_rule",
        {
          ...about,
          p_rule: rule,
          p_on: on,
          p_minutes: minutes,
          p_settings: { channels, priority, delay, batch, quiet },
        },
        RULES,
      ),
  };
}

interface About {
  p_agent_id: string;
}

function createSavedReplies(project: Project, about: About) {
  const knownReplies = signal<readonly SavedReply[] | null>(null);
  return {
    /** As they were told last; `null` before that. */
    knownReplies: knownReplies as ReadonlySignal<readonly SavedReply[] | null>,
    async replies(): Promise<Result<SavedReply[]>> {
      const result = await project.call<{ replies: SavedReply[] }>("inbox_replies", about, {
        replies: [REPLY],
      });
      if (!result.ok) return result;
      knownReplies.value = result.value.replies;
      return { ok: true, value: result.value.replies };
    },
    /** A new reply for `id` null. */
    saveReply: (id: string | null, shortcut: string, body: string): Promise<Result<SavedReply>> => {
      const args = { ...about, p_reply_id: id, p_shortcut: shortcut, p_body: body };
      return project.call<SavedReply>("inbox_save_reply", args, REPLY);
    },
    deleteReply: (id: string) => project.call<object>("inbox_delete_reply", { ...about, p_reply_id: id }, {}),
  };
}

function createSite(project: Project, about: About) {
  return {
    site: (): Promise<Result<Site>> => project.call<CheckedSite>("inbox_site", about, SITE),
    setOffice: (changes: OfficeSettings) =>
      project.call<object>("inbox_set_office", { ...about, p_changes: changes }, {}),
    setSite: (changes: SiteChanges) =>
      project.call<object>("inbox_set_site", { ...about, p_changes: changes }, {}),
    createTab: (name: string) =>
      project.call<{ id: string }>("inbox_create_tab", { ...about, p_name: name }, { id: "" }),
    renameTab: (id: string, name: string) =>
      project.call<object>("inbox_rename_tab", { ...about, p_tab_id: id, p_name: name }, {}),
    /** Conversations that are kept here stay. */
    removeTab: (id: string) => project.call<object>("inbox_remove_tab", { ...about, p_tab_id: id }, {}),
  };
}

function createBots(project: Project, about: About) {
  return {
    /** The secret is told this once. */
    createBot: ({ name, url, autoRespond }: BotFields): Promise<Result<{ id: string; secret: string }>> => {
      const args = { ...about, p_name: name, p_url: url, p_auto_respond: autoRespond };
      return project.call<{ id: string; secret: string }>("inbox_create_bot", args, { id: "", secret: "" });
    },
    /** Without a URL it stays where it is. */
    updateBot: (id: string, { name, url, autoRespond }: BotFields) => {
      const changes = { name, autoRespond, ...(url === "" ? {} : { url }) };
      return project.call<object>("inbox_update_bot", { ...about, p_bot_id: id, p_changes: changes }, {});
    },
    rotateBot: (id: string): Promise<Result<{ secret: string }>> =>
      project.call<{ secret: string }>("inbox_rotate_bot", { ...about, p_bot_id: id }, { secret: "" }),
    removeBot: (id: string) => project.call<object>("inbox_remove_bot", { ...about, p_bot_id: id }, {}),
  };
}

const LABEL = { id: 0, name: "", color: "" };

type Told<Value> = Pick<
  Value,
  { [Key in keyof Value]-?: undefined extends Value[Key] ? never : Key }[keyof Value]
>;

/** What must hold of a site before it is shown. */
interface CheckedSite extends OfficeSettings {
  origins: string[];
  title: string | null;
  accent: string | null;
  anonymousAllowed: boolean;
  tabs: Site["tabs"];
  keys: Told<Site["keys"][number]>[];
  connectors: Site["connectors"];
  bots: Site["bots"];
  issues: Told<Site["issues"][number]>[];
}
