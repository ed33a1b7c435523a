import type { Result } from "../../../client/http/problem.ts";
import { useValue } from "../../../kit/components/use_value.ts";
import type { Notification, Notifications } from "../../core/notifications.ts";
import type { OtherSite } from "../../core/other_sites.ts";
import { useShell } from "../shell.ts";

/** One of the operator's sites, and what they were told of there. */
export type Told = Pick<OtherSite, "agent" | "notifications">;

export interface ToldOn {
  site: Told;
  notification: Notification;
}

/** What the operator was told of on all their sites. */
export interface AllTold {
  unread: number;
  /** `null` until those of the site that is looked at have been told. */
  shown: ToldOn[] | null;
  hasOlder: boolean;
  readAll(): Promise<Result<unknown>>;
  loadOlder(): Promise<Result<unknown>>;
}

export function useAllTold(): AllTold {
  const { desk } = useShell();
  const { shown } = useValue(desk.notifications.state);
  const sites: Told[] = [desk, ...useValue(desk.others.state)];
  const states = sites.map(({ notifications }) => notifications.state.value);
  const withOlder = sites.filter(({ notifications }) => notifications.state.value.hasOlder);
  const withNews = sites.filter(({ notifications }) => notifications.state.value.unread > 0);
  return {
    unread: states.reduce((sum, { unread }) => sum + unread, 0),
    shown: shown && inOrder(sites),
    hasOlder: withOlder.length > 0,
    readAll: () => onEach(withNews, ({ readAll }) => readAll()),
    loadOlder: () => onEach(withOlder, ({ loadOlder }) => loadOlder()),
  };
}

/** The newest first, as far back as every site's have been told: none comes in between later. */
export function inOrder(sites: readonly Told[]): ToldOn[] {
  const all = sites.flatMap((site) =>
    (site.notifications.state.value.shown ?? []).map((notification) => ({ site, notification }))
  );
  const ends = sites.map(({ notifications: { state: { value } } }) =>
    value.hasOlder ? value.shown?.at(-1)?.createdAt ?? "" : ""
  );
  return all
    .filter(({ notification }) => ends.every((end) => notification.createdAt >= end))
    .sort((one, other) => compareTimes(other.notification.createdAt, one.notification.createdAt));
}

/** Of one format they are in the order of their characters. */
const compareTimes = (one: string, other: string) => one < other ? -1 : one > other ? 1 : 0;

/** The first failure, if there is one. */
async function onEach(
  sites: readonly Told[],
  deed: (notifications: Notifications) => Promise<Result<unknown>>,
): Promise<Result<unknown>> {
  const results = await Promise.all(sites.map(({ notifications }) => deed(notifications)));
  return results.find(({ ok }) => !ok) ?? { ok: true, value: null };
}
