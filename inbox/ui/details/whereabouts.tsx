import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { tagOf } from "../../../kit/strings/locale.ts";
import { safeUrl, withoutOverrides } from "../../../kit/text/rich_text.tsx";
import type { Visitor } from "../../core/records.ts";
import { detailWords } from "./words.ts";

const MINUTE = 60_000;

/** Where the visitor is: their page, language and time, as their browser says. */
export function Whereabouts({ page }: Pick<Visitor, "page">) {
  const url = safeUrl(page?.url);
  const title = withoutOverrides(page?.title ?? "").trim() || withoutOverrides(page?.url ?? "");
  return (
    <>
      {title && (
        <Fact term={detailWords.page}>
          {url ? <a href={url} target="_blank" rel="noreferrer noopener">{title}</a> : title}
          {url && !showsHost(title, url) && (
            <span class="meta details-host" dir="ltr">{new URL(url).host}</span>
          )}
        </Fact>
      )}
      <Fact term={detailWords.language}>{languageName(page?.locale)}</Fact>
      <Fact term={detailWords.localTime}>
        {page?.timeZone && <LocalTime timeZone={page.timeZone} />}
      </Fact>
    </>
  );
}

/** Whether the title is the address itself, and the host the first that is read of it. */
function showsHost(title: string, url: string): boolean {
  const { origin, username, password } = new URL(url);
  return title.startsWith(origin) && url.startsWith(title) && !username && !password;
}

/** A line of what is known; nothing for what is not. */
export function Fact({ term, children }: { term: string; children: ComponentChildren }) {
  if (!children) return null;
  return (
    <div>
      <dt>{term}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  );
}

/** What a locale's language is called; nothing for what is no language, or none that has a name. */
function languageName(locale: string | undefined): string | undefined {
  if (!locale) return undefined;
  try {
    return new Intl.DisplayNames(undefined, { type: "language", fallback: "none" }).of(tagOf(locale));
  } catch {
    // No language tag.
    return undefined;
  }
}

/** What a clock shows where the visitor is. */
function LocalTime({ timeZone }: { timeZone: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE);
    return () => clearInterval(timer);
  }, []);
  try {
    const clock = new Intl.DateTimeFormat(undefined, { timeZone, timeStyle: "short", dateStyle: "medium" });
    return <span>{`${clock.format(now)} (${timeZone})`}</span>;
  } catch {
    // No time zone that this browser knows.
    return <span>{withoutOverrides(timeZone)}</span>;
  }
}
