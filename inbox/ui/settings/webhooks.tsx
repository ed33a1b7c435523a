import { useState } from "preact/hooks";
import { Failure, Skeleton } from "../../../kit/components/notes.tsx";
import { useText } from "../../../kit/text/text_context.ts";
import { webhookTopic } from "../../../shared/topics.ts";
import type { Webhook, WebhookDelivery } from "../../core/webhooks.ts";
import { useAnswer, useDeed } from "../answer.ts";
import { useShell } from "../shell.ts";
import { clearSaved, KeptForm } from "./kept_form.tsx";
import { Certainly, type MadeSecret, OnceShown, Part, Refusal } from "./parts.tsx";
import { rotationWords, webhookWords } from "./words.ts";

const SKELETON_ROWS = 2;
const OWN_FORMAT = "heddle";

/** The owner's endpoints that get the organisation's events. */
export function WebhookSettings() {
  const { team: { settings: { webhooks } } } = useShell();
  const [answer, again] = useAnswer("webhooks", webhooks.list);
  const [made, setMade] = useState<MadeSecret | null>(null);
  // Who answers for some agents only has no part in what concerns all.
  if (answer.status === "failed" && answer.problem.code === "forbidden") return null;
  const isListed = answer.status === "ready" && answer.value.webhooks.some(({ id }) => id === made?.id);
  return (
    <Part title={webhookWords.title} hint={webhookWords.hint}>
      {answer.status === "failed" && <Failure problem={answer.problem} onRetry={again} />}
      {answer.status === "loading" && <Skeleton rows={SKELETON_ROWS} kind="row" />}
      {answer.status === "ready" && (
        <>
          {answer.value.webhooks.length === 0 && <p class="setting-hint">{webhookWords.none}</p>}
          <ul class="setting-rows">
            {answer.value.webhooks.map((webhook) => (
              <WebhookRow key={webhook.id} {...{ webhook, made }} onChanged={again} onSecret={setMade} />
            ))}
          </ul>
          <NewWebhook onChanged={again} onSecret={setMade} />
          {made && !isListed && <OnceShown hint={webhookWords.secret(made.name)} secret={made.secret} />}
        </>
      )}
    </Part>
  );
}

interface Changes {
  onChanged(): void;
  onSecret(made: MadeSecret): void;
}

interface RowProps extends Changes {
  webhook: Webhook;
  made: MadeSecret | null;
}

function WebhookRow({ webhook, made, onChanged, onSecret }: RowProps) {
  const { team: { settings: { webhooks } } } = useShell();
  const { busy, problem, run } = useDeed();
  const [shown, setShown] = useState(0);
  const { id, host, path, topics, format, on } = webhook;
  const name = host + path;
  const about = [
    topics?.map(webhookTopic).join(" ") ?? webhookWords.everything,
    format !== OWN_FORMAT && (webhookWords.formats[format] ?? format),
    stateOf(webhook),
  ];

  async function rotate() {
    const result = await webhooks.rotate(id);
    if (result.ok) onSecret({ id, name, secret: result.value.secret });
    return result;
  }

  /** The list, or what was sent, is another one then. */
  const done = (isDone: boolean) => {
    if (!isDone) return;
    onChanged();
    setShown((times) => times && times + 1);
  };

  return (
    <li class="setting-row with-deeds">
      <span class="setting-name">
        <span dir="auto">{name}</span>
        <span class="meta" dir="auto">{about.filter(Boolean).join(" · ")}</span>
      </span>
      <button
        type="button"
        class="button small"
        disabled={busy || !on}
        onClick={() => void run(() => webhooks.test(id)).then(done)}
      >
        {webhookWords.test}
      </button>
      <button
        type="button"
        class="button small"
        aria-expanded={shown > 0}
        onClick={() => setShown(shown > 0 ? 0 : 1)}
      >
        {webhookWords.log}
      </button>
      <button
        type="button"
        class="button small"
        disabled={busy}
        onClick={() => void run(() => webhooks.switch(id, !on)).then(done)}
      >
        {on ? webhookWords.switchOff : webhookWords.switchOn}
      </button>
      <Certainly
        name={rotationWords.rotate}
        label={rotationWords.rotateWebhook(name)}
        question={rotationWords.question}
        deed={rotate}
      />
      <Certainly
        name={webhookWords.remove}
        label={webhookWords.removeOf(name)}
        question={webhookWords.removeQuestion(name)}
        deed={async () => {
          const result = await webhooks.remove(id);
          if (result.ok) onChanged();
          return result;
        }}
      />
      <Refusal problem={problem} />
      {made?.id === id && <OnceShown hint={webhookWords.secret(name)} secret={made.secret} />}
      {shown > 0 && <Log id={id} turn={shown} />}
    </li>
  );
}

function stateOf({ on, offReason, failingSince, queued, failed }: Webhook): string {
  if (!on) return offReason ?? webhookWords.off;
  const state = failingSince ? webhookWords.failing : webhookWords.on;
  return [state, queued > 0 && webhookWords.queued(queued), failed > 0 && webhookWords.failed(failed)]
    .filter(Boolean).join(" · ");
}

/** What was sent last, and what came back. */
function Log({ id, turn }: { id: string; turn: number }) {
  const { team: { settings: { webhooks } } } = useShell();
  const [answer, again] = useAnswer(`deliveries ${id} ${turn}`, () => webhooks.deliveries(id));
  const { busy, problem, run } = useDeed();
  const { formats } = useText();
  if (answer.status === "loading") return <Skeleton rows={SKELETON_ROWS} kind="row" />;
  if (answer.status === "failed") return <Failure problem={answer.problem} onRetry={again} />;
  const { deliveries } = answer.value;
  return (
    <div class="setting-rows setting-log" role="group" aria-label={webhookWords.log}>
      {deliveries.length === 0 && <p class="setting-hint">{webhookWords.nothingSent}</p>}
      <ul class="setting-rows">
        {deliveries.map((delivery) => (
          <li key={delivery.id} class="setting-row">
            <span class="setting-name">
              <span>{delivery.type}</span>
              <span class="meta" dir="auto">
                {[formats.full(delivery.createdAt), ...cameOf(delivery)].join(" · ")}
              </span>
            </span>
            {delivery.status !== "queued" && (
              <button
                type="button"
                class="button small"
                aria-label={webhookWords.replayOf(delivery.type)}
                disabled={busy}
                onClick={() =>
                  void run(() => webhooks.replay(id, delivery.id)).then((done) => done && again())}
              >
                {webhookWords.replay}
              </button>
            )}
          </li>
        ))}
      </ul>
      <button type="button" class="button small" onClick={again}>{webhookWords.refresh}</button>
      <Refusal problem={problem} />
    </div>
  );
}

function cameOf({ status, attempts, answer, error }: WebhookDelivery): string[] {
  return [
    webhookWords.status[status] ?? status,
    attempts > 1 ? webhookWords.tries(attempts) : "",
    answer?.status ? `${answer.status}` : "",
    answer ? `${answer.ms} ms` : "",
    status === "sent" ? "" : error ?? "",
    answer?.body ?? "",
  ].filter(Boolean);
}

function NewWebhook({ onChanged, onSecret }: Changes) {
  const { team: { settings: { webhooks } } } = useShell();
  const { busy, problem, run } = useDeed();

  async function add({ url = "", topics = "", format = OWN_FORMAT }: Record<string, string>) {
    const isMade = await run(async () => {
      const result = await webhooks.create(url, topics, format);
      if (result.ok) onSecret({ ...result.value, name: new URL(url).host });
      return result;
    });
    // Also where no answer came: it may be there.
    onChanged();
    return isMade;
  }

  return (
    <KeptForm name="site webhook" class="setting-line" onSave={add} afterwards={clearSaved}>
      <input
        class="field"
        name="url"
        type="url"
        aria-label={webhookWords.url}
        placeholder="https://"
        maxLength={2048}
        required
      />
      <input
        class="field"
        name="topics"
        aria-label={webhookWords.topics}
        placeholder="conversations.*.*.*"
        maxLength={2048}
      />
      <select class="field" name="format" aria-label={webhookWords.format}>
        {Object.entries(webhookWords.formats).map(([value, text]) => (
          <option key={value} value={value}>{text}</option>
        ))}
      </select>
      <button type="submit" class="button small">{busy ? webhookWords.saving : webhookWords.add}</button>
      <Refusal problem={problem} conflict={webhookWords.tooMany} isNew />
    </KeptForm>
  );
}
