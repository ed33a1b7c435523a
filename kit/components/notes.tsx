import type { ComponentChildren } from "preact";
import type { Problem } from "../../client/http/problem.ts";
import { problemText, useText } from "../text/text_context.ts";
import { Icon, type IconName } from "./icon.tsx";

interface EmptyProps {
  icon: IconName;
  text: string;
  children?: ComponentChildren;
}

/** One sentence and at most one action, where there is nothing to show. */
export function Empty({ icon, text, children }: EmptyProps) {
  return (
    <div class="empty">
      <span class="empty-mark">
        <Icon name={icon} />
      </span>
      <p>{text}</p>
      {children}
    </div>
  );
}

interface FailureProps {
  problem?: Problem;
  onRetry: () => void;
  /** What helps more than trying again. */
  children?: ComponentChildren;
}

/** Fills a screen that could not be loaded. */
export function Failure({ problem, onRetry, children }: FailureProps) {
  const { strings } = useText();
  return (
    <div class="empty" role="alert">
      {problem && <p>{problemText(problem, strings)}</p>}
      {children}
      <button type="button" class="button" onClick={onRetry}>{strings.retry}</button>
    </div>
  );
}

interface OutdatedProps {
  problem?: Problem;
  /** The banner says already that there is no connection. */
  offline: boolean;
  onRetry: () => void;
}

/** A line above content that is shown but could not be brought up to date. */
export function Outdated({ problem, offline, onRetry }: OutdatedProps) {
  const { strings } = useText();
  if (!problem || (problem.code === "network" && offline)) return null;
  return (
    <div class="strip" role="status">
      <span>{problemText(problem, strings)}</span>
      <button type="button" class="link" onClick={onRetry}>{strings.retry}</button>
    </div>
  );
}

/** The connection has been away for a while. */
export function OfflineBanner({ offline }: { offline: boolean }) {
  const { strings } = useText();
  return (
    <div role="status">
      {offline && <p class="strip">{strings.offline}</p>}
    </div>
  );
}

/** Grey shapes in place of rows that are on their way. */
export function Skeleton({ rows, kind }: { rows: number; kind: "row" | "bubble" }) {
  const { strings } = useText();
  return (
    <div class={`skeleton skeleton-${kind}`} role="status" aria-label={strings.loading}>
      {Array.from({ length: rows }, (_, index) => <div key={index} class="bone" />)}
    </div>
  );
}
