import { Avatar } from "../../../kit/components/avatar.tsx";
import { useValue } from "../../../kit/components/use_value.ts";
import type { Member, Role } from "../../core/team.ts";
import { ROLES } from "../../core/team.ts";
import { useDeed } from "../answer.ts";
import { PasswordForm } from "../password.tsx";
import { useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { holdSaved, KeptForm } from "./kept_form.tsx";
import { Certainly, Copyable, Part, Refusal } from "./parts.tsx";
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
        {mayChange && (
          <>
            <p>{settingWords.inviting}</p>
            <Copyable text={settingWords.invitation(team.settings.agentId)} />
          </>
        )}
      </Part>
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

function MemberRow({ member: { id, name, email, role, changeable = false }, isMe }: MemberRowProps) {
  const { team } = useShell();
  const { problem, run } = useDeed();
  return (
    <li class="setting-row">
      <Avatar name={name} />
      <span class="setting-name">
        <span dir="auto">{isMe ? `${name} (${settingWords.you})` : name}</span>
        {email && <span class="meta" dir="auto">{email}</span>}
      </span>
      {changeable
        ? (
          <select
            class="field small"
            aria-label={settingWords.role(name)}
            value={role}
            onChange={({ currentTarget }) => {
              const next = currentTarget.value as Role;
              void run(() => team.settings.changeMember(id, { role: next }))
                // Of a change that was refused the field would show what was asked for.
                .then((done) => done || (currentTarget.value = role));
            }}
          >
            {ROLES.map((each) => <option key={each} value={each}>{settingWords.roles[each]}</option>)}
          </select>
        )
        : <span class="meta">{settingWords.roles[role] ?? role}</span>}
      {changeable && !isMe && (
        <Certainly
          name={settingWords.remove}
          label={settingWords.removeMember(name)}
          question={settingWords.removeQuestion(name)}
          conflict={settingWords.lastOwner}
          deed={() => team.settings.removeMember(id)}
        />
      )}
      <Refusal problem={problem} conflict={settingWords.lastOwner} />
    </li>
  );
}
