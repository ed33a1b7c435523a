import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../../client/http/problem.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import type { Preferences } from "../../core/notifications.ts";
import type { PushState } from "../../../kit/push/browser_push.ts";
import { followPush, pushState, switchOff, switchOn } from "../push.ts";
import { useShell } from "../shell.ts";

const preferenceWords = {
  hint: "Besides here. Which notifications there are, and when they leave, owners choose in Settings.",
  email: (address: string) => `By e-mail to ${address}`,
  push: "In this browser, also while the inbox is closed",
  denied: "This browser was told to show no notifications of this site: allow them in its settings.",
  unsupported:
    "This browser shows no notifications here; on a phone, add the inbox to the home screen first.",
  noKey: "Push is not set up in this project.",
};

/** What was kept, and what this browser does; nothing is asked of it before push is switched on. */
function usePreferences() {
  const { desk } = useShell();
  const { notifications, userId } = desk;
  const [kept, setKept] = useState<Preferences | null>(null);
  const [push, setPush] = useState<PushState | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function load() {
    const [result, state] = await Promise.all([notifications.preferences(), pushState(userId)]);
    if (result.ok) setKept(result.value);
    else setProblem(result.problem);
    setPush(state);
  }
  useEffect(() => {
    void load();
    return followPush(() => void pushState(userId).then(setPush));
  }, []);

  /** The browser itself may refuse, too: without a network, say. */
  async function attempt(deed: () => ReturnType<typeof notifications.preferences>) {
    const before = kept;
    setProblem(null);
    try {
      const result = await deed();
      setKept(result.ok ? result.value : before);
      if (!result.ok) setProblem(result.problem);
    } catch (error) {
      setProblem({ code: "internal", message: String(error) });
    }
    setPush(await pushState(userId));
  }

  function switchMail(isWanted: boolean) {
    if (!kept) return;
    setKept({ ...kept, email: isWanted });
    void attempt(() => notifications.setPreferences({ email: isWanted, push: kept.push }));
  }

  function switchPush(isWanted: boolean) {
    setPush(isWanted ? "on" : "off");
    void attempt(async () => {
      if (!isWanted) return await switchOff(desk);
      return kept?.pushKey ? await switchOn(desk, kept.pushKey) : await notifications.preferences();
    });
  }

  return { kept, push, problem, switchMail, switchPush };
}

/** Which channels the operator wants. */
export function PreferencesPart() {
  const { strings } = useText();
  const { kept, push, problem, switchMail, switchPush } = usePreferences();
  const obstacle = kept && !kept.pushKey
    ? preferenceWords.noKey
    : push === "denied" || push === "unsupported"
    ? preferenceWords[push]
    : null;
  return (
    <div class="centre-preferences">
      <p class="meta">{preferenceWords.hint}</p>
      <div role="alert">{problem && <p class="problem">{problemText(problem, strings)}</p>}</div>
      {kept?.address && (
        <label>
          <input
            type="checkbox"
            checked={kept.email}
            onChange={({ currentTarget: { checked } }) => switchMail(checked)}
          />
          {preferenceWords.email(kept.address)}
        </label>
      )}
      {kept && (
        <label>
          <input
            type="checkbox"
            disabled={obstacle !== null}
            checked={push === "on"}
            onChange={({ currentTarget: { checked } }) => switchPush(checked)}
          />
          {preferenceWords.push}
        </label>
      )}
      {kept && obstacle && <p class="meta">{obstacle}</p>}
    </div>
  );
}
