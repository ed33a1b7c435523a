import type { Tab } from "../../../shared/tabs.ts";
import type { SessionState } from "../../core/session/session.ts";
import { useText } from "../../../kit/text/text_context.ts";
import { useOffline, usePanel } from "../panel_context.ts";
import { Header } from "../header.tsx";
import { TabIcon } from "../../../kit/components/icon.tsx";
import { useFramed } from "../../../kit/components/painted.ts";
import { Empty, OfflineBanner } from "../../../kit/components/notes.tsx";
import { nextStop } from "../../../kit/components/keys.ts";
import { Unread } from "../../../kit/components/unread.tsx";
import { useValue } from "../../../kit/components/use_value.ts";
import { List, ListSkeleton } from "./list.tsx";

interface HomeProps {
  session: Extract<SessionState, { status: "ready" }>;
}

/** What the panel shows first: the list of the chosen tab, with a tab bar if there is more than one. */
export function Home({ session }: HomeProps) {
  const { tabs } = session;
  const title = session.display.title || session.agentName;
  const { navigation } = usePanel();
  const { strings } = useText();
  const offline = useOffline();
  const tabId = useValue(navigation.tabId);
  const active = tabs.find(({ id }) => id === tabId) ?? tabs[0];
  const framed = useFramed();
  const single = !tabs[1];
  const name = single ? undefined : active?.name;
  return (
    <>
      <Header title={title} subtitle={name} />
      <OfflineBanner offline={offline} />
      <div
        class="tab-panel"
        id="tab-panel"
        role={single ? undefined : "tabpanel"}
        aria-label={name}
      >
        {!framed
          ? <ListSkeleton />
          : active
          ? <List key={active.id} tab={active} />
          : <Empty icon="chat" text={strings.noItems} />}
      </div>
      {active && !single && <TabBar tabs={tabs} active={active} label={strings.sections} />}
    </>
  );
}

interface TabBarProps {
  tabs: readonly Tab[];
  active: Tab;
  label: string;
}

function TabBar({ tabs, active, label }: TabBarProps) {
  const { core, navigation } = usePanel();
  const unread = useValue(core.unreadByTab);
  return (
    <div
      class="tab-bar"
      role="tablist"
      aria-label={label}
      onKeyDown={(event) => {
        const { children } = event.currentTarget;
        (children[nextStop(event, tabs.indexOf(active), tabs.length - 1)] as HTMLElement).focus();
      }}
    >
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          class="tab"
          role="tab"
          aria-selected={tab === active}
          aria-controls="tab-panel"
          tabIndex={tab === active ? 0 : -1}
          // Arrow keys choose as they move, like everywhere tabs are cheap to show.
          onFocus={() => navigation.selectTab(tab.id)}
          onClick={() => navigation.selectTab(tab.id)}
        >
          <span class="tab-icon">
            <TabIcon icon={tab.icon} category={tab.category} />
            <Unread count={unread[tab.id] ?? 0} />
          </span>
          <span class="tab-name" dir="auto">{tab.name}</span>
        </button>
      ))}
    </div>
  );
}
