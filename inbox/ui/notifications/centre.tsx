import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../../kit/components/icon.tsx";
import { nextStop } from "../../../kit/components/keys.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import type { Problem, Result } from "../../../client/http/problem.ts";
import { hrefOf } from "../place.ts";
import { useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { type ToldOn, useAllTold } from "./all_sites.ts";
import { PreferencesPart } from "./preferences.tsx";
import "../styles/notifications.css";

/** Words of the notifications centre. */
const centreWords = {
  none: "No notifications. Which there are, owners choose in Settings.",
  loading: "Loading…",
  older: "Show older",
  readAll: "Mark all as read",
  preferences: "How you are told",
  dismiss: (content: string) => `Dismiss: ${content}`,
  unread: "Unread",
  since: (time: string) => `Since ${time}`,
};

/** What the operator was told of, on all their sites: each leads to its conversation, if it is about one. Arrow keys move; Escape closes. */
export function Centre({ onClose, onOpen }: { onClose(): void; onOpen(): void }) {
  const { strings } = useText();
  const { unread, shown, hasOlder, readAll, loadOlder } = useAllTold();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [hasPreferences, setPreferences] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => panel.current?.focus(), []);

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "Escape") {
      event.stopPropagation();
      return onClose();
    }
    const stops = [...panel.current?.querySelectorAll<HTMLElement>(".centre-open") ?? []];
    const current = stops.indexOf(event.target as HTMLElement);
    stops[nextStop(event, current, stops.length - 1)]?.focus();
  }

  /** The focus stays in the panel: what was pressed is gone. */
  async function attempt(deed: () => Promise<Result<unknown>>) {
    panel.current?.focus();
    const result = await deed();
    setProblem(result.ok ? null : result.problem);
  }

  return (
    <div
      class="centre"
      ref={panel}
      role="dialog"
      aria-label={words.notifications}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div class="centre-top">
        <h2>{words.notifications}</h2>
        {unread > 0 && (
          <button type="button" class="link" onClick={() => void attempt(readAll)}>
            {centreWords.readAll}
          </button>
        )}
      </div>
      <div role="alert">{problem && <p class="problem">{problemText(problem, strings)}</p>}</div>
      {shown === null && <p class="centre-none">{centreWords.loading}</p>}
      {shown?.length === 0 && <p class="centre-none">{centreWords.none}</p>}
      <ul>
        {shown?.map(({ site, notification }) => (
          <Line
            key={notification.id}
            site={site}
            notification={notification}
            onOpen={onOpen}
            onDismiss={() => void attempt(() => site.notifications.dismiss(notification.id))}
          />
        ))}
      </ul>
      {hasOlder && (
        <button type="button" class="link centre-more" onClick={() => void attempt(loadOlder)}>
          {centreWords.older}
        </button>
      )}
      <button
        type="button"
        class="link centre-more"
        aria-expanded={hasPreferences}
        onClick={() => setPreferences(!hasPreferences)}
      >
        {centreWords.preferences}
      </button>
      {hasPreferences && <PreferencesPart />}
    </div>
  );
}

interface LineProps extends ToldOn {
  onOpen(): void;
  onDismiss(): void;
}

function Line({ site: { agent, notifications }, notification, onOpen, onDismiss }: LineProps) {
  const { desk } = useShell();
  const { formats } = useText();
  const { id, conversationId, content, createdAt, priority, readAt, since } = notification;
  const said = (
    <>
      {readAt === null && <span class="hidden">{centreWords.unread}:</span>}
      <span class="centre-content" dir="auto">{content}</span>
      {agent.id !== desk.agent.id && <span class="meta" dir="auto">{agent.name}</span>}
      <time class="meta" dateTime={since ?? createdAt}>
        {since ? centreWords.since(formats.full(since)) : formats.full(createdAt)}
      </time>
    </>
  );
  return (
    <li class="centre-line" data-unread={readAt === null} data-priority={priority}>
      {conversationId === null
        ? (
          // It leads nowhere: to have read it is all that can be done.
          <button type="button" class="centre-open" onClick={() => notifications.read(id)}>
            {said}
          </button>
        )
        : (
          <a
            class="centre-open"
            href={hrefOf({ conversationId, agentId: agent.id })}
            onClick={() => {
              // Where its conversation is open already, nothing else would tell.
              notifications.seen(conversationId);
              // A link that is gone already leads nowhere.
              setTimeout(onOpen);
            }}
          >
            {said}
          </a>
        )}
      <button
        type="button"
        class="icon-button small"
        aria-label={centreWords.dismiss(content)}
        title={words.dismiss}
        onClick={onDismiss}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}
