import { useLayoutEffect, useState } from "preact/hooks";
import confirmStyles from "../../../kit/styles/confirm.css?inline";
import detailStyles from "../styles/detail.css?inline";
import { signal } from "../../../client/platform/emitter.ts";
import type { Item } from "../../../shared/items.ts";
import { isoTime } from "../../../shared/times.ts";
import type { Tab } from "../../../shared/tabs.ts";
import { createRecord, type RecordState, type RecordStore } from "../../core/record.ts";
import { removeItem, updateItem } from "../../core/writes.ts";
import { itemFacts } from "../detail/facts.ts";
import { UpdateForm } from "../detail/update_form.tsx";
import { detailWords } from "../../../kit/strings/detail.ts";
import { useText } from "../../../kit/text/text_context.ts";
import { PanelContext, useOffline, usePanel } from "../panel_context.ts";
import { DeleteControl } from "../delete_control.tsx";
import { Header } from "../header.tsx";
import { Failure, OfflineBanner, Outdated, Skeleton } from "../../../kit/components/notes.tsx";
import { RichText } from "../../../kit/text/rich_text.tsx";
import { useValue } from "../../../kit/components/use_value.ts";

const SKELETON_ROWS = 4;
const NOT_LOADED = signal<RecordState | null>(null);

export interface DetailProps {
  tab: Tab;
  /** As the list has it; shown until the store knows more. */
  item: Item;
}

/** The context that this copy of the code looks into. */
export const Context = PanelContext;

export const styles = confirmStyles + detailStyles;

export { DeleteControl };

/** A record of a default tab: its fields, the form of those that can be changed, and deletion. */
export function Detail({ tab, item: listed }: DetailProps) {
  const { core, navigation } = usePanel();
  const store = useRecord(tab, listed.id);
  const offline = useOffline();
  const list = core.list(tab.id);
  const listState = useValue(list.state);
  const state = useValue<RecordState | null>(store?.state ?? NOT_LOADED);
  const item = state?.item ?? listState.items.find(({ id }) => id === listed.id) ?? listed;
  const fields = tab.actions.includes("update_item") ? tab.fields ?? [] : [];
  const reload = () => store?.reload();

  return (
    <>
      <Header title={item.title || item.id} onBack={() => navigation.back()}>
        {tab.actions.includes("delete_item") && (
          <DeleteControl
            remove={() => store ? store.remove() : removeItem(list, item.id)}
            onDeleted={() => navigation.back()}
          />
        )}
      </Header>
      <OfflineBanner offline={offline} />
      {state?.status === "failed"
        ? <Failure problem={state.problem} onRetry={reload} />
        : state?.status === "loading" && !state.item
        ? <Skeleton rows={SKELETON_ROWS} kind="row" />
        : (
          <div class="scroll" tabIndex={0} role="region" aria-label={item.title || item.id}>
            <Outdated problem={state?.problem} offline={offline} onRetry={reload} />
            <Facts item={item} editable={fields.map(({ key }) => key)} />
            {fields.length > 0 && (
              <UpdateForm
                key={item.id}
                item={item}
                fields={fields}
                kept={core.form(tab.id, item.id)}
                update={(changes) => store ? store.update(changes) : updateItem(list, item.id, changes)}
              />
            )}
          </div>
        )}
    </>
  );
}

/** Absent where the tab has no `item_clicked`: the list's own item is all there is. */
function useRecord(tab: Tab, itemId: string): RecordStore | undefined {
  const { core } = usePanel();
  const [store] = useState(() =>
    tab.actions.includes("item_clicked") ? core.openRecord(tab.id, itemId, createRecord) : undefined
  );
  useLayoutEffect(() => store?.close, []);
  return store;
}

/** What the form shows is not said twice. */
function Facts({ item, editable }: { item: Item; editable: readonly string[] }) {
  const { strings, formats } = useText();
  const inForm = editable.map((key) => item.fields[key]);
  const isInForm: Record<string, boolean> = {
    status: inForm.includes(item.status),
    timestamp: inForm.some((value) => item.timestamp && isoTime(String(value)) === item.timestamp),
  };
  const facts = itemFacts(item, strings.detail ?? detailWords, formats).filter(({ key }) =>
    !isInForm[key] && !editable.includes(key.replace("fields.", ""))
  );
  return (
    <>
      {item.preview && !inForm.includes(item.preview) && <p class="lead" dir="auto">{item.preview}</p>}
      {facts.length > 0 && (
        <dl class="facts">
          {facts.map((fact) => (
            <div key={fact.key}>
              <dt dir="auto">{fact.label}</dt>
              <dd dir="auto">
                <RichText text={fact.value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
