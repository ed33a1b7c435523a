import { useState } from "preact/hooks";
import type { Inbox, SignInProblem } from "../core/inbox.ts";
import { words } from "./strings.ts";

interface SignInProps {
  inbox: Inbox;
  /** Why somebody was signed out. */
  problem?: SignInProblem;
}

export function SignIn({ inbox, problem }: SignInProps) {
  const [refusal, setRefusal] = useState<SignInProblem | null>(null);
  const [busy, setBusy] = useState(false);
  const told = busy ? undefined : refusal ?? problem;

  async function submit(form: HTMLFormElement) {
    if (busy) return;
    const fields = new FormData(form);
    setBusy(true);
    setRefusal(await inbox.signIn(String(fields.get("email")), String(fields.get("password"))));
    setBusy(false);
  }

  return (
    <main class="cover">
      <form
        class="sign-in"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <h1>{words.inbox}</h1>
        <p class="sign-in-hint">{words.signInHint}</p>
        <label>
          {words.email}
          <input name="email" type="email" autocomplete="username" required autofocus />
        </label>
        <label>
          {words.password}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <div role="alert">{told && <p class="problem">{words.signInProblems[told]}</p>}</div>
        <button type="submit" class="button accent" aria-disabled={busy}>
          {busy ? words.signingIn : words.signIn}
        </button>
      </form>
    </main>
  );
}
