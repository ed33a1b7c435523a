import type { Progress } from "../output/progress.ts";

export interface Way {
  /** Whether everything is only looked at. */
  dryRun: boolean;
  progress: Progress;
  /** Called for each step that was done. */
  done(line: string): void;
  /** Called before something happens that the owner may want to stop. */
  warn(sentence: string): void;
  managementUrl: string;
}

export interface Report {
  json: unknown;
  /** What was done, or would be, in one line. */
  summary: string;
  /** What the owner should know besides, in sentences. */
  notes: string[];
}

/** What was done, or would be. */
export function said(infinitive: string, past: string, what: string, dryRun: boolean): string {
  return `${dryRun ? `would ${infinitive}` : past} ${what}`;
}
