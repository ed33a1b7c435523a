import type { ComponentChildren } from "preact";
import type { Problem } from "../../core/types.ts";
import { useFace } from "../face.ts";
import { problemText } from "../text/problem.ts";
import { useValue } from "../use_value.ts";
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

/** Fills a screen that could not be loaded. */
export function Failure({ problem, onRetry }: { problem?: Problem; onRetry: () => void }) {
  const { strings } = useFace();
  return (
    <div class="empty" role="alert">
      {problem && <p>{problemText(problem, strings)}</p>}
      <button type="button" class="button" onClick={onRetry}>{strings.retry}</button>
    </div>
  );
}

/** A line above content that is shown but could not be brought up to date. */
export function Outdated({ problem, onRetry }: { problem?: Problem; onRetry: () => void }) {
  const { core, strings } = useFace();
  const live = useValue(core.live);
  // The banner says so already.
  if (!problem || (problem.code === "network" && live === "offline")) return null;
  return (
    <div class="strip" role="status">
      <span>{problemText(problem, strings)}</span>
      <button type="button" class="link" onClick={onRetry}>{strings.retry}</button>
    </div>
  );
}

/** The connection has been away for a while. */
export function OfflineBanner() {
  const { core, strings } = useFace();
  const live = useValue(core.live);
  return (
    <div role="status">
      {live === "offline" && <p class="strip">{strings.offline}</p>}
    </div>
  );
}

/** Grey shapes in place of rows that are on their way. */
export function Skeleton({ rows, kind }: { rows: number; kind: "row" | "bubble" }) {
  const { strings } = useFace();
  return (
    <div class={`skeleton skeleton-${kind}`} role="status" aria-label={strings.loading}>
      {Array.from({ length: rows }, (_, index) => <div key={index} class="bone" />)}
    </div>
  );
}
