import type { Problem } from "../../client/http/problem.ts";
import { signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { Draft, KeptDraft } from "../../client/sync/outbox.ts";
import { DRAFT, type Writing, type WritingPlace, type Writings } from "../../client/sync/writings.ts";

/** After another window has left the place of a draft, in milliseconds. */
const KEPT_AGAIN = 3000;

/** Where a window keeps its own draft while another one's has its place. */
export const asideOf = (tabId: string) => `${tabId} aside`;

export interface SharedDraftSetup {
  scope: Scope;
  now(): number;
  writings: Pick<Writings, "read" | "keep">;
  place: WritingPlace;
  /** No other window's. */
  id: string;
}

/** The draft of a conversation, which several windows of one operator may have open at once. */
export interface SharedDraft extends KeptDraft {
  /** Its thread was opened, or closed. */
  watched(isOpen: boolean): void;
  /** Another window may have changed what is kept. */
  changedElsewhere(): void;
  /** The operator came back to this window. */
  returned(): void;
}

/**
 * How what is written here stands to what is kept. `shown`: nothing is written here, it shows what is kept. `kept`: it has the
 * place. `continued`: another window has gone on with it there. `aside`: another's has the place. `memory`: nothing keeps it.
 */
type Standing = "shown" | "kept" | "continued" | "aside" | "memory";

/**
 * Every window shows the draft that is kept, until something is written in it. From then on it shows its own, and follows
 * what another makes of it once the operator is back. A window whose draft was replaced by something else keeps its own aside;
 * whoever opens the conversation next finds both.
 */
export function createSharedDraft(setup: SharedDraftSetup): SharedDraft {
  const { inPlace, put, all, putAside, takeIn } = createPlaces(setup);
  const current = signal<Draft>({ text: "" });
  let standing: Standing = "shown";
  let isOpen = false;
  /** What this window has found or put in the place. */
  let own = "";
  /** The same, or what another has made of it since. */
  let known = "";

  /** Shows all that is kept. */
  function take() {
    standing = "shown";
    own = known = inPlace()?.text ?? "";
    current.value = all();
  }

  /** Returns how it stands from then on. */
  function keep({ text, problem }: Draft): Standing {
    // Nor does an empty field take anything away that another window has written meanwhile.
    const isTaken = (inPlace()?.text ?? own) !== own;
    if (isTaken) return putAside(text) ? "aside" : text ? "memory" : "shown";
    const isKept = put(text, problem);
    if (isKept || text === "") own = known = text;
    putAside("");
    return isKept ? "kept" : text ? "memory" : "shown";
  }

  function set(text: string, problem?: Problem) {
    const former = current.value.text;
    current.value = { text, problem };
    standing = text ? "memory" : "shown";
    standing = keep(current.value);
    // What was sent or emptied as it stood is dealt with, too.
    if (standing === "kept" || text === "") takeIn(former);
  }

  /** The window that had taken the place has left it. */
  function keepAgain() {
    const { value } = current;
    setup.scope.after(KEPT_AGAIN, () => {
      if (current.value === value && value.text && !inPlace()) standing = keep(value);
    });
  }

  function changedElsewhere() {
    if (standing === "shown") return isOpen ? take() : undefined;
    const draft = inPlace();
    const isFollowed = standing === "kept" || standing === "continued";
    // Then it was sent there, or emptied.
    if (!draft) return isFollowed ? take() : keepAgain();
    if (isFollowed && draft.text === known) return;
    if (draft.text.includes(current.value.text) || isFollowed && isEdited(known, draft.text)) {
      standing = "continued";
      known = draft.text;
    } else standing = putAside(current.value.text) ? "aside" : "memory";
  }

  return {
    signal: current,
    set,
    changedElsewhere,
    returned() {
      changedElsewhere();
      if (standing === "continued") take();
    },
    watched(opened) {
      if (opened === isOpen) return;
      isOpen = opened;
      if (standing === "memory") return;
      standing = "shown";
      if (isOpen) take();
      else current.value = { text: "" };
    },
    // What is kept tells it sooner.
    look: () => undefined,
    // The conversation has begun already.
    move: (run) => run(),
  };
}

/** Where drafts of the conversation are kept: one in the place of the draft, others aside. */
function createPlaces({ now, writings, place, id }: SharedDraftSetup) {
  const aside = { ...place, tabId: asideOf(place.tabId) };
  const inPlace = () => writings.read(place).find((writing) => writing.id === DRAFT);
  return {
    inPlace,
    put: (text: string, problem?: Problem) => writings.keep(place, { id: DRAFT, text, at: now(), problem }),
    /** This window's. */
    putAside: (text: string) => writings.keep(aside, { id, text, at: now() }),
    /** As one. */
    all(): Draft {
      const draft = inPlace();
      const text = joined([...draft ? [draft] : [], ...writings.read(aside)]);
      return { text, problem: text === draft?.text ? draft.problem : undefined };
    },
    /** What a window showed of others' is its own once something is written there. */
    takeIn(shown: string) {
      for (const writing of writings.read(aside)) {
        if (shown.includes(writing.text)) writings.keep(aside, { ...writing, text: "" });
      }
    },
  };
}

/** A text of each, without those that another holds. */
function joined(writings: readonly Writing[]): string {
  return writings.reduce((whole, { text }) => {
    if (whole.includes(text)) return whole;
    return text.includes(whole) ? text : `${whole}\n${text}`;
  }, "");
}

/** True if one text came from the other by writing, pasting or deleting at one place. */
function isEdited(former: string, text: string): boolean {
  const [short, long] = former.length < text.length ? [former, text] : [text, former];
  let start = 0;
  while (start < short.length && short[start] === long[start]) start++;
  return long.endsWith(short.slice(start));
}
