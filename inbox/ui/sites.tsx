import { useValue } from "../../kit/components/use_value.ts";
import { shortCount } from "./short_count.ts";
import { switchTo, useShell } from "./shell.ts";
import { words } from "./strings.ts";

/** Which of the operator's sites is looked at, and how many visitors wait on the others. */
export function Sites() {
  const { inbox, desk, agents } = useShell();
  const waiting = new Map(useValue(desk.others.state).map(({ agent, waiting }) => [agent.id, waiting]));
  const elsewhere = shortCount([...waiting.values()].reduce((sum, count) => sum + count, 0));
  return (
    <div class="sites">
      <select
        class="agent"
        aria-label={words.agent}
        title={desk.agent.name}
        value={desk.agent.id}
        onChange={(event) => switchTo(inbox, event.currentTarget.value)}
      >
        {agents.map(({ id, name }) => (
          <option key={id} value={id}>{words.siteWaiting(name, shortCount(waiting.get(id) ?? 0))}</option>
        ))}
      </select>
      {elsewhere && <span class="bell-count" aria-hidden="true">{elsewhere}</span>}
      <p class="hidden" role="status">{elsewhere && words.waitingElsewhere(elsewhere)}</p>
    </div>
  );
}
