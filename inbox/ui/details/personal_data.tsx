import { useId, useState } from "preact/hooks";
import { useValue } from "../../../kit/components/use_value.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import type { Visitor } from "../../core/records.ts";
import { useDeed } from "../answer.ts";
import { firstVisible, unnamed } from "../names.ts";
import { useQuestion } from "../question.ts";
import { useShell } from "../shell.ts";
import { detailWords } from "./words.ts";

interface PersonalDataProps {
  conversationId: string;
  visitor: Visitor;
  /** Of a room, where it must say whose data it is. */
  isOneOfSeveral: boolean;
  onErased(): void;
}

/** What a person may ask of a site: all that is kept of them, or that nothing is. */
export function PersonalData({ conversationId, visitor, isOneOfSeveral, onErased }: PersonalDataProps) {
  const { strings } = useText();
  const { team } = useShell();
  const heading = useId();
  const { rights } = useValue(team.agent);
  const [asking, setAsking] = useState(false);
  const { question, opener, onKeyDown } = useQuestion(asking, () => setAsking(false));
  const exporting = useDeed();
  const erasing = useDeed();
  if (!rights.includes("erase")) return null;

  async function save() {
    await exporting.run(async () => {
      const result = await team.records.exportVisitor(conversationId, visitor.id);
      if (result.ok) download(detailWords.fileName(visitor.id), JSON.stringify(result.value, null, 2));
      return result;
    });
  }

  async function erase() {
    if (await erasing.run(() => team.records.eraseVisitor(conversationId, visitor.id))) onErased();
  }

  const name = firstVisible(visitor.name, visitor.email) ?? unnamed(visitor.id);
  return (
    <section class="details-part" aria-labelledby={heading}>
      <h3 id={heading} dir="auto">{isOneOfSeveral ? detailWords.dataOf(name) : detailWords.data}</h3>
      {asking
        ? (
          <div
            class="question"
            ref={question}
            role="group"
            aria-label={detailWords.erase}
            onKeyDown={onKeyDown}
          >
            <p>{detailWords.eraseQuestion(name)}</p>
            <button type="button" class="button small danger" onClick={() => void erase()}>
              {erasing.busy ? detailWords.erasing : detailWords.eraseForGood}
            </button>
            <button type="button" class="button small" onClick={() => setAsking(false)}>
              {detailWords.keep}
            </button>
          </div>
        )
        : (
          <div class="buttons">
            <button type="button" class="button small" onClick={() => void save()}>
              {exporting.busy ? detailWords.exporting : detailWords.export}
            </button>
            <button type="button" class="button small" ref={opener} onClick={() => setAsking(true)}>
              {detailWords.erase}
            </button>
          </div>
        )}
      <div role="alert">
        {exporting.problem && (
          <p class="problem">{detailWords.notExported} {problemText(exporting.problem, strings)}</p>
        )}
        {erasing.problem && (
          <p class="problem">{detailWords.notErased} {problemText(erasing.problem, strings)}</p>
        )}
      </div>
    </section>
  );
}

function download(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
