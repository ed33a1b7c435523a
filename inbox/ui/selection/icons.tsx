import { Glyph } from "../icons.tsx";

/** Of what is done to several conversations at once. */
const PATHS = {
  claim: "M9.5 11a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7zM3 20a6.5 6.5 0 0 1 9-6M14 17l2.5 2.5L21 15",
  hand_over: "M9.5 11a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7zM3 20a6.5 6.5 0 0 1 9-6M14 17h7M18 14l3 3-3 3",
  label: "M4 4h8l8 8-8 8-8-8zM8.5 8.5h.1",
  reopen: "M5 5v5h5M5.5 10a7.5 7.5 0 1 1-.8 5",
  resolve: "M4 12.5l5.5 5.5L20 7",
  snooze: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 8v4.5l3 2",
} as const;

export function BulkIcon({ name }: { name: keyof typeof PATHS }) {
  return <Glyph path={PATHS[name]} />;
}
