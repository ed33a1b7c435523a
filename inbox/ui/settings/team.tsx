import { useState } from "preact/hooks";
import { Avatar } from "../../../kit/components/avatar.tsx";
import { useValue } from "../../../kit/components/use_value.ts";
import type { Member, Role } from "../../core/team.ts";
import { ROLES } from "../../core/team.ts";
import { useDeed } from "../answer.ts";
import { PasswordForm } from "../password.tsx";
import { useQuestion } from "../question.ts";
import { useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { Invite, SendAgain } from "./invite.tsx";
import { holdSaved, KeptForm } from "./kept_form.tsx";
import { Certainly, Part, Refusal } from "./parts.tsx";
import { settingWords } from "./words.ts";

/** Who answers, and as what. */
export function TeamSettings() {
  const { inbox, desk, team, email } = useShell();
  const { members, rights } = useValue(team.agent);
  const mayChange = rights.includes("members");
  const me = members.find(({ id }) => id === desk.userId);
  return (
    <>
      {me && <OwnName me={me} />}
      <Part title={words.changePassword}>
        <PasswordForm inbox={inbox} email={email} />
      </Part>
      <Part title={settingWords.members} hint={settingWords.teamHint}>
        <ul class="setting-rows">
          {members.map((member) => (
            <MemberRow
              key={member.id}
              member={member}
              isMe={member.id === desk.userId}
            />
          ))}
        </ul>
        <p class="setting-hint">{settingWords.rolesHint}</p>
      </Part>
      {mayChange && <Invite everyAgent={me?.everyAgent === true} />}
    </>
  );
}

function OwnName({ me }: { me: Member }) {
  const { team } = useShell();
  const { busy, problem, run } = useDeed();

  async function save({ name = "" }: Record<string, string>) {
    if (name === "") return false;
    return name === me.name || await run(() => team.settings.changeMember(me.id, { name }));
  }

  return (
    <Part title={settingWords.yourName} hint={settingWords.yourNameHint}>
      <KeptForm name="team name" class="setting-line" onSave={save} afterwards={holdSaved}>
        <input
          class="field"
          name="name"
          aria-label={settingWords.yourName}
          defaultValue={me.name}
          maxLength={120}
          required
        />
        <button type="submit" class="button small">{busy ? settingWords.saving : settingWords.save}</button>
      </KeptForm>
      <Refusal problem={problem} conflict={settingWords.nameTaken} />
    </Part>
  );
}

interface MemberRowProps {
  member: Member;
  isMe: boolean;
}

function MemberRow({ member, isMe }: MemberRowProps) {
  const { id, name, email, role, invited, changeable = false, removable = changeable } = member;
  const { team } = useShell();
  const { problem, run } = useDeed();
  const [asking, setAsking] = useState(false);
  const { question, opener: field, onKeyDown } = useQuestion<HTMLSelectElement>(
    asking,
    () => setAsking(false),
  );

  /** Until it is done the field shows what still holds. */
  function choose(next: Role) {
    if (field.current) field.current.value = role;
    if (isMe && next !== "owner") setAsking(true);
    else change(next);
  }

  function change(next: Role) {
    setAsking(false);
    void run(() => team.settings.changeMember(id, { role: next }));
  }

  return (
    <li class="setting-row member-row">
      <Avatar name={name} />
      <span class="setting-name">
        <span dir="auto">{isMe ? `${name} (${settingWords.you})` : name}</span>
        {email && <span class="meta" dir="auto">{email}</span>}
        {invited && <span class="meta">{settingWords.notIn}</span>}
      </span>
      {changeable
        ? (
          <select
            class="field small"
            ref={field}
            aria-label={settingWords.role(name)}
            value={role}
            onChange={({ currentTarget }) => choose(currentTarget.value as Role)}
          >
            {ROLES.map((each) => <option key={each} value={each}>{settingWords.roles[each]}</option>)}
          </select>
        )
        : <span class="meta">{settingWords.roles[role] ?? role}</span>}
      {changeable && invited && email && <SendAgain name={name} email={email} />}
      {(removable || isMe) && (
        <Certainly
          name={isMe ? settingWords.leave : settingWords.remove}
          label={isMe ? settingWords.leaveTeam : settingWords.removeMember(name)}
          question={isMe
            ? settingWords.leaveQuestion
            : changeable
            ? settingWords.removeQuestion(name)
            : settingWords.removeHereQuestion(name)}
          conflict={settingWords.lastOwner}
          deed={() => team.settings.removeMember(id)}
        />
      )}
      {asking && (
        <div
          class="question"
          ref={question}
          role="group"
          aria-label={settingWords.stepDown}
          onKeyDown={onKeyDown}
        >
          <p>{settingWords.stepDownQuestion}</p>
          <button type="button" class="button small danger" onClick={() => change("operator")}>
            {settingWords.stepDown}
          </button>
          <button type="button" class="button small" onClick={() => setAsking(false)}>
            {settingWords.cancel}
          </button>
        </div>
      )}
      <Refusal problem={problem} conflict={settingWords.lastOwner} />
    </li>
  );
}
