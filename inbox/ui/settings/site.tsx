import { useEffect } from "preact/hooks";
import { Failure, Skeleton } from "../../../kit/components/notes.tsx";
import { isTime } from "../../../kit/text/format.ts";
import { useText } from "../../../kit/text/text_context.ts";
import { scriptTag } from "../../../shared/script_tag.mjs";
import type { Site } from "../../core/settings.ts";
import { useAnswer, useDeed } from "../answer.ts";
import { useShell } from "../shell.ts";
import { Bots } from "./bots.tsx";
import { clearSaved, holdSaved, KeptForm } from "./kept_form.tsx";
import { Looks, Origins } from "./looks.tsx";
import { Office } from "./office.tsx";
import { Certainly, Copyable, FromTerminal, Part, Refusal } from "./parts.tsx";
import { WebhookSettings } from "./webhooks.tsx";
import { settingWords } from "./words.ts";

const SKELETON_ROWS = 6;

/** The agent on its site: what the page needs, its tabs, and what has failed. */
export function SiteSettings() {
  const { team: { settings } } = useShell();
  const [answer, again] = useAnswer<Site>("site", settings.site);
  return (
    <>
      {answer.status === "failed" && <Failure problem={answer.problem} onRetry={again} />}
      {answer.status === "loading" && <Skeleton rows={SKELETON_ROWS} kind="row" />}
      {answer.status === "ready" && (
        <>
          <Snippet site={answer.value} />
          <Origins site={answer.value} onChanged={again} />
          <Looks site={answer.value} onChanged={again} />
          <Tabs tabs={answer.value.tabs} onChanged={again} />
          <Office office={answer.value} onChanged={again} />
          <Bots bots={answer.value.bots} onChanged={again} />
          <WebhookSettings />
          <Connections site={answer.value} />
        </>
      )}
    </>
  );
}

/** What the site's pages need, ready to copy. */
function Snippet({ site: { accent, anonymousAllowed } }: { site: Site }) {
  const { team: { settings: { agentId, config } } } = useShell();
  return (
    <Part
      title={settingWords.snippet}
      hint={anonymousAllowed ? settingWords.snippetHint : settingWords.snippetTokenHint}
    >
      <Copyable text={scriptTag({ apiUrl: config.url, agentId, accent, anonymousAllowed })} />
    </Part>
  );
}

function Tabs({ tabs, onChanged }: { tabs: Site["tabs"]; onChanged: () => void }) {
  const { team: { settings } } = useShell();
  const { busy, problem, run } = useDeed();
  useEffect(() => settings.drafts.keepOnly("site tab ", [NEW_TAB, ...tabs.map(formOf)]), [tabs]);

  async function add({ name = "" }: Record<string, string>) {
    const isMade = await run(() => settings.createTab(name));
    // Also where no answer came: it may be there.
    onChanged();
    return isMade;
  }

  return (
    <Part title={settingWords.tabs} hint={settingWords.tabHint}>
      {tabs.length === 0 && <p class="setting-hint">{settingWords.noTabs}</p>}
      {tabs.length > 0 && !tabs.some(({ source }) => source === "store") && (
        <p class="setting-hint">{settingWords.noStoreTab}</p>
      )}
      <ul class="setting-rows">
        {tabs.map((tab) => (
          <li key={tab.id}>
            <TabForm tab={tab} others={tabs.filter(({ id }) => id !== tab.id)} onChanged={onChanged} />
          </li>
        ))}
      </ul>
      <KeptForm name={NEW_TAB} class="setting-line" onSave={add} afterwards={clearSaved}>
        <input
          class="field"
          name="name"
          aria-label={settingWords.tabName}
          placeholder={settingWords.tabName}
          maxLength={60}
          required
        />
        <button type="submit" class="button small">{busy ? settingWords.saving : settingWords.addTab}</button>
        <Refusal problem={problem} isNew />
      </KeptForm>
    </Part>
  );
}

type Tab = Site["tabs"][number];

const NEW_TAB = "site tab new";
const formOf = ({ id }: Tab) => `site tab ${id}`;

interface TabFormProps {
  tab: Tab;
  others: readonly Tab[];
  onChanged: () => void;
}

/** A tab to rename or to remove. */
function TabForm({ tab, others, onChanged }: TabFormProps) {
  const { team: { settings } } = useShell();
  const { busy, problem, run } = useDeed();
  const { id, name, source } = tab;
  const isKeptElsewhere = others.some((other) => other.source === "store");

  async function rename({ name: next = "" }: Record<string, string>) {
    const isSaved = next === name || await run(() => settings.renameTab(id, next));
    if (isSaved) onChanged();
    return isSaved;
  }

  async function remove() {
    const result = await settings.removeTab(id);
    if (result.ok) onChanged();
    return result;
  }

  return (
    <KeptForm name={formOf(tab)} class="setting-line" onSave={rename} afterwards={holdSaved}>
      <input
        class="field"
        name="name"
        aria-label={settingWords.nameOfTab(name)}
        defaultValue={name}
        maxLength={60}
        required
      />
      <span class="meta">{settingWords.source[source] ?? source}</span>
      <button type="submit" class="button small" aria-label={settingWords.saveTab(name)}>
        {busy ? settingWords.saving : settingWords.save}
      </button>
      <Certainly
        name={settingWords.remove}
        label={settingWords.removeTab(name)}
        question={settingWords.removeTabQuestion(name, source, isKeptElsewhere)}
        deed={remove}
      />
      <Refusal problem={problem} />
    </KeptForm>
  );
}

/** How the owner's own programs are connected, and what of it has failed. */
function Connections({ site: { keys, connectors, issues } }: { site: Site }) {
  const { formats } = useText();
  const { team: { settings: { agentId } } } = useShell();
  const usedAt = (at?: string | null) =>
    isTime(at ?? undefined) ? settingWords.lastUsed(formats.full(at ?? "")) : settingWords.neverUsed;
  return (
    <>
      <Part title={settingWords.keys}>
        <Rows
          none={settingWords.noKeys}
          rows={keys.map(({ id, name, lastUsedAt, revokedAt }) => [
            id,
            name,
            revokedAt ? settingWords.revoked : usedAt(lastUsedAt),
          ])}
        />
        <FromTerminal what={settingWords.makeKey} command={`key create ${agentId} --name backend`} />
      </Part>
      <Part title={settingWords.connectors}>
        <Rows
          none={settingWords.noConnectors}
          rows={connectors.map(({ id, name, host, actions }) => [
            id,
            name,
            `${host} · ${settingWords.actions(actions)}`,
          ])}
        />
        <FromTerminal
          what={settingWords.makeConnector}
          command={`connector add ${agentId} --name backend --host shop.example --value -`}
        />
      </Part>
      <Part title={settingWords.issues}>
        <Rows
          none={settingWords.noIssues}
          rows={issues.map(({ tab, action, kind, host, detail, count, lastAt }) => [
            `${tab} ${action} ${kind} ${lastAt}`,
            [kind, detail].filter(Boolean).join(": "),
            [tab, action, host, settingWords.times(count), formats.full(lastAt)].filter(Boolean).join(" · "),
          ])}
        />
      </Part>
    </>
  );
}

/** Each with a key, what it is called, and what there is to say about it. */
function Rows({ rows, none }: { rows: [key: string, name: string, about: string][]; none: string }) {
  if (rows.length === 0) return <p class="setting-hint">{none}</p>;
  return (
    <ul class="setting-rows">
      {rows.map(([key, name, about]) => (
        <li key={key} class="setting-row">
          <span class="setting-name">
            <span dir="auto">{name}</span>
            {about && <span class="meta" dir="auto">{about}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
