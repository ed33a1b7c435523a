import { Icon } from "../../../kit/components/icon.tsx";
import { Dialog } from "./dialog.tsx";
import { Keys } from "./palette.tsx";
import { paletteWords } from "./words.ts";

/** Which keys do what. */
export function KeyList({ onClose }: { onClose: () => void }) {
  return (
    <Dialog label={paletteWords.keys} class="key-list" onClose={onClose}>
      <header>
        <h2>{paletteWords.keys}</h2>
        <button
          type="button"
          class="icon-button small"
          aria-label={paletteWords.close}
          autofocus
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="key-groups">
        {paletteWords.keyGroups.map(({ name, keys }) => (
          <section key={name} aria-label={name}>
            <h3>{name}</h3>
            <dl>
              {keys.map(([key = "", meaning]) => (
                <div key={meaning}>
                  <dt>
                    <Keys keys={key} />
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
