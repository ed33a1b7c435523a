import { useRef, useState } from "preact/hooks";
import type { Inbox } from "../core/inbox.ts";
import type { SignInProblem } from "../core/sign_in.ts";
import { words } from "./strings.ts";

interface SignInProps {
  inbox: Inbox;
  /** Why somebody was signed out. */
  problem?: SignInProblem;
}

export function SignIn({ inbox, problem }: SignInProps) {
  const [refusal, setRefusal] = useState<SignInProblem | null>(null);
  const [busy, setBusy] = useState<"password" | "link" | null>(null);
  const [mailedTo, setMailedTo] = useState("");
  const email = useRef<HTMLInputElement>(null);
  const told = busy || mailedTo ? undefined : refusal ?? problem;

  async function attempt(kind: "password" | "link", run: () => Promise<SignInProblem | null>) {
    if (busy) return false;
    setBusy(kind);
    setMailedTo("");
    const refused = await run();
    setRefusal(refused);
    setBusy(null);
    return refused === null;
  }

  async function mail() {
    const field = email.current;
    if (!field?.reportValidity()) return;
    const address = field.value.trim();
    const page = `${location.origin}${location.pathname}`;
    if (await attempt("link", () => inbox.mailLink(address, page))) setMailedTo(address);
  }

  return (
    <main class="cover">
      <form
        class="sign-in"
        onSubmit={(event) => {
          event.preventDefault();
          const fields = new FormData(event.currentTarget);
          void attempt("password", () =>
            inbox.signIn(String(fields.get("email")), String(fields.get("password"))));
        }}
      >
        <h1>{words.inbox}</h1>
        <p class="sign-in-hint">{words.signInHint}</p>
        <label>
          {words.email}
          <input ref={email} name="email" type="email" autocomplete="username" required autofocus />
        </label>
        <label>
          {words.password}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <div role="alert">{told && <p class="problem">{words.signInProblems[told]}</p>}</div>
        <button type="submit" class="button accent" aria-disabled={busy !== null}>
          {busy === "password" ? words.signingIn : words.signIn}
        </button>
        <div class="sign-in-link">
          <p>{words.linkHint}</p>
          <button
            type="button"
            class="link"
            aria-disabled={busy !== null}
            onClick={() =>
              void mail()}
          >
            {busy === "link" ? words.sendingLink : words.sendLink}
          </button>
          <p role="status">{mailedTo && words.linkSent(mailedTo)}</p>
        </div>
      </form>
    </main>
  );
}
