import { useState } from "preact/hooks";
import type { Inbox } from "../core/inbox.ts";
import type { PasswordProblem } from "../core/sign_in.ts";
import { words } from "./strings.ts";

interface PasswordProps {
  inbox: Inbox;
  email: string;
}

/** For who came by an invitation, and would find no way in the next time. */
export function ChoosePassword({ inbox, email }: PasswordProps) {
  return (
    <main class="cover">
      <div class="sign-in">
        <h1>{words.choosePassword}</h1>
        <p class="sign-in-hint">{words.choosePasswordHint(email)}</p>
        <PasswordForm inbox={inbox} email={email} />
        <button type="button" class="link" onClick={inbox.skipPassword}>{words.later}</button>
      </div>
    </main>
  );
}

export function PasswordForm({ inbox, email }: PasswordProps) {
  const [shown, setShown] = useState(false);
  const [told, setTold] = useState<PasswordProblem | "busy" | "saved" | null>(null);

  async function save(form: HTMLFormElement) {
    if (told === "busy") return;
    setTold("busy");
    const typed = () => String(new FormData(form).get("password"));
    const password = typed();
    const problem = await inbox.changePassword(password);
    setTold(problem ?? "saved");
    if (!problem && typed() === password) form.reset();
  }

  const problem = told === "busy" || told === "saved" ? null : told;
  return (
    <form
      class="new-password"
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
    >
      {/* Tells a password manager whose it is. */}
      <input type="hidden" name="username" autocomplete="username" value={email} />
      <label>
        {words.newPassword}
        <input
          {...(shown ? { type: "text" as const } : { type: "password" as const })}
          class="field"
          name="password"
          autocomplete="new-password"
          aria-describedby="password-rule"
          spellcheck={false}
          autocapitalize="off"
          required
        />
      </label>
      <p class="password-rule" id="password-rule">{words.passwordRule}</p>
      <label class="password-shown">
        <input
          type="checkbox"
          checked={shown}
          onChange={(event) => setShown(event.currentTarget.checked)}
        />
        {words.showPassword}
      </label>
      <div role="alert">{problem && <p class="problem">{words.passwordProblems[problem]}</p>}</div>
      <button type="submit" class="button accent" aria-disabled={told === "busy"}>
        {told === "busy" ? words.savingPassword : words.savePassword}
      </button>
      <p role="status">{told === "saved" && words.passwordSaved}</p>
    </form>
  );
}
