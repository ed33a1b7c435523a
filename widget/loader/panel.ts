// The panel takes the engine from the chunk that is there already, instead of from a third one that both would load.
import "./widget/widget.ts";

export { mountPanel } from "../ui/main.tsx";
