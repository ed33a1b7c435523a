import type { Strings } from "../../kit/strings/en.ts";

const NO_FILES = "Files can't be sent here.";

/**
 * Where a file is dropped on the panel says, above what is being written, that none can be sent, until somebody types. Browsers
 * would leave the page for it. What else is dropped is the field's.
 */
export function catchFiles(dialog: HTMLElement, words: () => Strings): void {
  const note = document.createElement("p");
  note.role = "alert";
  const take = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (event.type === "dragover") return;
    note.remove();
    dialog.querySelector(".composer")?.prepend(note);
    // Once it is there: what comes with its words is not read out everywhere.
    note.textContent = words().noFiles ?? NO_FILES;
  };
  dialog.addEventListener("dragover", take);
  dialog.addEventListener("drop", take);
  dialog.addEventListener("input", () => note.remove());
}
