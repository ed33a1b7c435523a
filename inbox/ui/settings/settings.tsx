import type { ComponentType } from "preact";
import { useValue } from "../../../kit/components/use_value.ts";
import { hrefOf, type Section, SECTIONS } from "../place.ts";
import { isOpenTo, useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { LabelSettings } from "./labels.tsx";
import { NotificationSettings } from "./notifications.tsx";
import { ReplySettings } from "./replies.tsx";
import { SiteSettings } from "./site.tsx";
import { TeamSettings } from "./team.tsx";
import { settingWords } from "./words.ts";
import "../styles/settings.css";

const PARTS: Record<Section, ComponentType> = {
  team: TeamSettings,
  labels: LabelSettings,
  replies: ReplySettings,
  notifications: NotificationSettings,
  site: SiteSettings,
};

/** What the team keeps about itself and the site, in place of list and conversation. */
export function SettingsPane({ section }: { section: Section }) {
  const { team } = useShell();
  const unsaved = [...useValue(team.settings.drafts.unsaved)];
  const { rights } = useValue(team.agent);
  const shown = isOpenTo(section, rights) ? section : "team";
  const Part = PARTS[shown];
  return (
    <section class="settings" aria-labelledby="settings">
      <header class="settings-header">
        <h1 id="settings">{words.settings}</h1>
        <nav aria-label={settingWords.sections}>
          {SECTIONS.filter((each) => isOpenTo(each, rights)).map((each) => (
            <a
              key={each}
              class="view"
              href={hrefOf({ section: each })}
              aria-current={each === shown ? "page" : undefined}
            >
              {words.sections[each]}
              {unsaved.some((form) => form.startsWith(`${each} `)) && (
                <span class="unsaved-dot">
                  <span class="hidden">{settingWords.notSaved}</span>
                </span>
              )}
            </a>
          ))}
        </nav>
      </header>
      <div class="scroll">
        <div class="settings-body">
          {shown !== section && (
            <p role="alert" class="strip">{settingWords.ownersOnly(words.sections[section])}</p>
          )}
          <Part key={shown} />
        </div>
      </div>
    </section>
  );
}
