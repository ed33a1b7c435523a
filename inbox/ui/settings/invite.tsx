import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../../client/http/problem.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import type { Answering, Invited, Invitee } from "../../core/settings.ts";
import { type Role, ROLES } from "../../core/team.ts";
import { useDeed } from "../answer.ts";
import { useShell } from "../shell.ts";
import { clearSaved, KeptForm } from "./kept_form.tsx";
import { Copyable, Part } from "./parts.tsx";
import { settingWords } from "./words.ts";

/** Problems whose sentence says more than their code. */
const TOLD: readonly string[] = [
  "conflict",
  "forbidden",
  "invalid_request",
  "rate_limited",
  "unavailable",
] satisfies Problem["code"][];
const FIELDS = ["email", "name"] as const;

/** Lets an owner invite somebody. `everyAgent`: the owner answers for all of the organisation's agents. */
export function Invite({ everyAgent }: { everyAgent: boolean }) {
  const { team, agents } = useShell();
  const { busy, problem, told, invite, forget } = useInvitation();
  const form = useRef<HTMLDivElement>(null);
  const { orgId } = team.agent.value;
  const hasOthers = everyAgent && agents.filter((agent) => agent.orgId === orgId).length > 1;
  const wrong = FIELDS.find((field) => problem?.issues?.some(({ path }) => path === field));
  useLayoutEffect(() => {
    if (wrong) form.current?.querySelector<HTMLElement>(`[name="${wrong}"]`)?.focus();
  }, [problem, wrong]);

  const fieldProps = (name: typeof FIELDS[number]) => ({
    name,
    class: "field",
    "aria-invalid": wrong === name,
    "aria-describedby": `invite-${name}-problem`,
    required: true,
  });
  return (
    <Part title={settingWords.inviteSomebody} hint={settingWords.inviteHint}>
      <div ref={form} onInput={forget}>
        <KeptForm
          name="team invite"
          class="setting-form"
          onSave={({ email = "", name = "", role, reach }) =>
            invite({
              email,
              name,
              role: role as Role,
              ...(hasOthers ? { everyAgent: reach === "every" } : {}),
            })}
          afterwards={clearSaved}
          notSaved={settingWords.notSent}
          buttons={
            <>
              <button type="submit" class="button accent small" aria-disabled={busy}>
                {busy ? settingWords.inviting : settingWords.invite}
              </button>
              <p role="status">{told}</p>
            </>
          }
        >
          <Field name="email" problem={wrong === "email" ? problem : null}>
            <input {...fieldProps("email")} type="email" autocomplete="off" maxLength={320} />
          </Field>
          <Field name="name" problem={wrong === "name" ? problem : null}>
            <input
              {...fieldProps("name")}
              autocomplete="off"
              maxLength={120}
              pattern=".*\S.*"
              title={settingWords.nameHint}
            />
          </Field>
          <Choice
            name="role"
            options={ROLES.toReversed().map((role) => [role, settingWords.roles[role] ?? role])}
          />
          {hasOthers && <Choice name="reach" options={Object.entries(settingWords.reaches)} />}
          <div role="alert">{problem && !wrong && <ProblemLine problem={problem} />}</div>
        </KeptForm>
      </div>
      <details class="setting-terminal">
        <summary>{settingWords.fromTerminal}</summary>
        <Copyable text={team.settings.typed(settingWords.invitation(team.settings.agentId))} />
      </details>
    </Part>
  );
}

/** Mails another link to somebody who has not come in. */
export function SendAgain({ name, email }: { name: string; email: string }) {
  const { busy, problem, told, invite } = useInvitation();
  return (
    <>
      <button
        type="button"
        class="button small"
        aria-label={settingWords.sendAgainTo(name)}
        aria-disabled={busy}
        onClick={() => void invite({ email })}
      >
        {settingWords.sendAgain}
      </button>
      <p role="status" class="setting-told">{told}</p>
      <div role="alert">{problem && <ProblemLine problem={problem} />}</div>
    </>
  );
}

/** An invitation on its way, and what became of the last one. */
function useInvitation() {
  const { team } = useShell();
  const { busy, problem, run } = useDeed();
  const [told, setTold] = useState("");

  async function invite(invitee: Invitee): Promise<boolean> {
    setTold("");
    return await run(async () => {
      const result = await team.settings.invite(invitee, `${location.origin}${location.pathname}`);
      if (result.ok) setTold(outcomeOf(result.value));
      return result;
    });
  }
  return { busy, problem, told, invite, forget: () => setTold("") };
}

function outcomeOf(result: Invited): string {
  const { name, role, invited, was } = result;
  const outcome = invited
    ? settingWords.mailed(name)
    : was
    ? settingWords.isMember(name, settingWords.roles[role] ?? role)
    : settingWords.hasAccount(name);
  const before = was ? differencesOf(was, result) : [];
  return before.length > 0 ? `${outcome} ${settingWords.before(before)}` : outcome;
}

/** What somebody was called before, and as what and for which sites they answered. */
function differencesOf(was: Answering, { name, role, everyAgent }: Answering): string[] {
  return [
    ...was.name !== name ? [settingWords.formerName(was.name)] : [],
    ...was.role !== role ? [settingWords.roles[was.role] ?? was.role] : [],
    ...was.everyAgent !== everyAgent ? [settingWords.formerReach] : [],
  ];
}

interface FieldProps {
  name: typeof FIELDS[number];
  /** What is wrong with it. */
  problem: Problem | null;
  children: ComponentChildren;
}

function Field({ name, problem, children }: FieldProps) {
  const label = settingWords.inviteFields[name] ?? name;
  const must = problem?.issues?.find(({ path }) => path === name)?.message;
  // What only the server can know is a sentence already.
  const text = must && (must === problem?.message ? must : settingWords.mustHold(label, must));
  return (
    <div class="setting-field">
      <label>
        {label}
        {children}
      </label>
      <div role="alert" id={`invite-${name}-problem`}>{text && <p class="problem">{text}</p>}</div>
    </div>
  );
}

function Choice({ name, options }: { name: string; options: [string, string][] }) {
  return (
    <label>
      {settingWords.inviteFields[name]}
      <select class="field" name={name}>
        {options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
    </label>
  );
}

function ProblemLine({ problem }: { problem: Problem }) {
  const { strings } = useText();
  const { code, message } = problem;
  const text = TOLD.includes(code) ? message : problemText(problem, strings);
  return <p class="problem">{code === "network" ? settingWords.maybeInvited : text}</p>;
}
