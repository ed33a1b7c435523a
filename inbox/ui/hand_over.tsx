import type { ComponentChildren } from "preact";
import { Avatar } from "../../kit/components/avatar.tsx";
import { useValue } from "../../kit/components/use_value.ts";
import { withoutOverrides } from "../../kit/text/rich_text.tsx";
import { type Member, othersOf } from "../core/team.ts";
import { memberNames } from "./names.ts";
import { Popup } from "./popup.tsx";
import { useShell } from "./shell.ts";
import { words } from "./strings.ts";

interface HandOverMenuProps {
  /** In place of its name. */
  icon?: ComponentChildren;
  /** Whose it is already. */
  holderId: string | undefined;
  onChoose(member: Member): void;
  /** Offers to make it the operator's own. */
  onTakeOver?: () => void;
}

/** Whose a conversation is to be. */
export function HandOverMenu({ icon, holderId, onChoose, onTakeOver }: HandOverMenuProps) {
  const { desk, team } = useShell();
  const { members } = useValue(team.agent);
  const present = useValue(desk.presence.here);
  const names = memberNames(members);
  const others = othersOf(members, holderId, desk.userId);
  return (
    <Popup label={words.handOver} icon={icon}>
      {(close) => (
        <>
          {onTakeOver && (
            <button
              type="button"
              class="choice"
              onClick={() => {
                close();
                onTakeOver();
              }}
            >
              {words.takeOver}
            </button>
          )}
          {others.map((member) => (
            <button
              key={member.id}
              type="button"
              class="choice"
              onClick={() => {
                close();
                onChoose(member);
              }}
            >
              <span class="with-presence">
                <Avatar name={member.name} />
                <span
                  class="presence"
                  data-state={present.get(member.id) ?? "offline"}
                  aria-hidden="true"
                />
              </span>
              <span dir="auto">{names.get(member.id) ?? withoutOverrides(member.name)}</span>
            </button>
          ))}
          {others.length === 0 && <p class="choice">{words.nobodyElse}</p>}
        </>
      )}
    </Popup>
  );
}
