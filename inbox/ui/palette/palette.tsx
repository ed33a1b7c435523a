import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { composes } from "../../../kit/components/keys.ts";
import { goTo } from "../place.ts";
import { useShell } from "../shell.ts";
import { type Command, commandsOf, matching } from "./commands.ts";
import { Dialog } from "./dialog.tsx";
import { paletteWords } from "./words.ts";

/** Every action by its name. */
export function Palette({ onClose }: { onClose: () => void }) {
  const shell = useShell();
  const [all] = useState(() => commandsOf(shell));
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const id = useId();
  const found: Command[] = matching(all, text);
  if (text.trim()) {
    found.push({
      name: paletteWords.searchFor(text.trim()),
      group: paletteWords.goTo,
      run: () => goTo({ ...shell.here, section: null, query: text.trim() }),
    });
  }
  useLayoutEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen, text]);

  function run(command: Command | undefined) {
    if (!command) return;
    // Closed first: what it does may take the focus.
    onClose();
    queueMicrotask(command.run);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (composes(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setChosen((chosen + step + found.length) % found.length);
    else if (event.key === "Enter") run(found[chosen]);
    else return;
    event.preventDefault();
  }

  return (
    <Dialog label={paletteWords.title} class="palette" onClose={onClose}>
      <input
        class="palette-field"
        role="combobox"
        autofocus
        autocomplete="off"
        aria-label={paletteWords.field}
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={found[chosen] && `${id}-${chosen}`}
        placeholder={paletteWords.field}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul class="commands" role="listbox" id={id} ref={list} aria-label={paletteWords.title}>
        {found.map((command, index) => (
          <li
            key={`${command.group} ${command.name}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            class="command"
            onPointerMove={() => setChosen(index)}
            onClick={() => run(command)}
          >
            <span class="command-name" dir="auto">{command.name}</span>
            <span class="meta">{command.group}</span>
            {command.keys && <Keys keys={command.keys} />}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Keys that are pressed one after the other, or together. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span class="keys">
      {keys.split(" ").map((key, index) => <kbd key={index}>{key}</kbd>)}
    </span>
  );
}
