import { AVAILABILITIES } from "../../core/presence.ts";
import { VIEWS } from "../../core/rows.ts";
import { othersOf } from "../../core/team.ts";
import { isSeen, KEY_TARGETS, VIEW_KEYS } from "../keys.ts";
import { memberNames } from "../names.ts";
import { goTo, SECTIONS } from "../place.ts";
import { labelChoices } from "../selection/label_choices.ts";
import { isOpenTo, type Shell, switchTo } from "../shell.ts";
import { words } from "../strings.ts";
import { paletteWords } from "./words.ts";

/** Something that can be done now. */
export interface Command {
  name: string;
  group: string;
  /** As they are pressed one after the other. */
  keys?: string;
  run(): void;
}

/** All that can be done where the operator is. What stands on the screen with a key of its own is taken from there. */
export function commandsOf(shell: Shell): Command[] {
  return [
    ...ofScreen(),
    ...ofSelection(shell) ?? [...ofHolder(shell), ...ofLabels(shell)],
    ...ofPaper(shell),
    { name: words.newRoom, group: paletteWords.app, run: shell.newRoom },
    ...places(shell),
    ...ofPerson(shell),
  ];
}

/** Of several buttons with one key it presses the first. */
function ofScreen(): Command[] {
  const buttons = new Map<string | null, HTMLElement>();
  for (const button of document.querySelectorAll<HTMLElement>("button[aria-keyshortcuts]")) {
    const key = button.ariaKeyShortcuts;
    if (isSeen(button) && !buttons.has(key)) buttons.set(key, button);
  }
  return [...buttons.values()].map((button) => ({
    name: button.ariaLabel ?? button.textContent?.trim() ?? "",
    group: groupOf(button),
    keys: button.ariaKeyShortcuts ?? undefined,
    run: () => button.click(),
  }));
}

function groupOf(button: HTMLElement): string {
  if (button.closest(KEY_TARGETS.selection)) return words.selection;
  return button.closest(".pane") ? words.conversation : paletteWords.app;
}

/** For those that are selected, in place of the open one; `null` while there are none. */
function ofSelection(shell: Shell): Command[] | null {
  const { desk, team, selection, here } = shell;
  const ids = selection.ids.value;
  if (!ids?.size) return null;
  const rows = desk.lists.of(here.view, here.labelId).state.value.rows.filter(({ id }) => ids.has(id));
  const { members } = team.agent.value;
  const names = memberNames(members);
  const group = words.selection;
  const me = { id: desk.userId, name: desk.name };
  const isTaken = rows.some(({ assignee }) => assignee && assignee.id !== me.id);
  return [
    ...isTaken ? [{ name: words.takeOver, group, run: () => void desk.bulk.handOver(rows, me) }] : [],
    ...othersOf(members, me.id).map((member) => ({
      name: paletteWords.handOver(names.get(member.id) ?? member.name),
      group,
      run: () => void desk.bulk.handOver(rows, member),
    })),
    ...labelChoices(shell, rows).map(({ name, run }) => ({ name, group, run })),
  ];
}

/** Whose the conversation is to be; claiming it has a button with a key. */
function ofHolder({ desk, team, here: { conversationId } }: Shell): Command[] {
  const row = conversationId === null ? null : desk.open(conversationId).row.value;
  if (row === null) return [];
  const { members } = team.agent.value;
  const names = memberNames(members);
  const group = words.conversation;
  const others = othersOf(members, row.assignee?.id, desk.userId);
  const handOver = others.map((member) => ({
    name: paletteWords.handOver(names.get(member.id) ?? member.name),
    group,
    run: () => desk.actions.handOver(row.id, member),
  }));
  if (row.assignee === null) return handOver;
  if (row.assignee.id !== desk.userId) {
    const me = { id: desk.userId, name: desk.name };
    return [{ name: words.takeOver, group, run: () => desk.actions.handOver(row.id, me) }, ...handOver];
  }
  return [{ name: words.release, group, run: () => desk.actions.release(row.id) }, ...handOver];
}

function ofLabels({ desk, team, here: { conversationId } }: Shell): Command[] {
  const thread = conversationId === null ? null : desk.open(conversationId);
  if (conversationId === null || !thread?.row.value) return [];
  const has = (id: number) => thread.row.value?.labels.includes(id) ?? false;
  return team.agent.value.labels.map(({ id, name }) => ({
    name: has(id) ? paletteWords.removeLabel(name) : paletteWords.addLabel(name),
    group: words.conversation,
    run: () =>
      void team.records.label(conversationId, id, !has(id)).then((result) => {
        if (result.ok) thread.rowCame(result.value);
      }),
  }));
}

function ofPaper({ here: { conversationId }, askPrint }: Shell): Command[] {
  return conversationId === null
    ? []
    : [{ name: paletteWords.print, group: words.conversation, run: askPrint }];
}

function places({ team }: Shell): Command[] {
  const keyOf = (view: string) => Object.keys(VIEW_KEYS).find((key) => VIEW_KEYS[key] === view);
  const { rights, labels } = team.agent.value;
  return [
    ...VIEWS.map((view) => ({
      name: words.views[view],
      group: paletteWords.goTo,
      keys: `g ${keyOf(view)}`,
      run: () => goTo({ view }),
    })),
    ...labels.map(({ id, name }) => ({
      name: paletteWords.label(name),
      group: paletteWords.goTo,
      run: () => goTo({ labelId: id }),
    })),
    ...SECTIONS.filter((section) => isOpenTo(section, rights)).map((section) => ({
      name: paletteWords.settings(words.sections[section]),
      group: paletteWords.goTo,
      run: () => goTo({ section }),
    })),
  ];
}

function ofPerson({ inbox, desk, agents, showKeys, signOut }: Shell): Command[] {
  const others = agents.filter(({ id }) => id !== desk.agent.id);
  return [
    ...others.map(({ id, name }) => ({
      name: paletteWords.switchTo(name),
      group: paletteWords.app,
      run: () => switchTo(inbox, id),
    })),
    ...AVAILABILITIES.filter((each) => each !== desk.presence.availability.value).map((each) => ({
      name: paletteWords.availability(words.availabilities[each]),
      group: paletteWords.app,
      run: () => desk.presence.choose(each),
    })),
    { name: paletteWords.keys, group: paletteWords.app, keys: "?", run: showKeys },
    { name: words.signOut, group: paletteWords.app, run: signOut },
  ];
}

/** Those of which each word of `text` begins a word of the name. */
export function matching(commands: readonly Command[], text: string): Command[] {
  const sought = text.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ name }) => {
    const has = name.toLowerCase().split(/[^\p{L}\p{N}]+/u);
    return sought.every((word) => has.some((each) => each.startsWith(word)));
  });
}
