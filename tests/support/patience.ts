/**
 * How long tests of the unit project wait for what they await, in milliseconds: Vitest's second is too little where a machine is
 * busy and what is awaited imports code for the first time.
 */
import { vi } from "vitest";

const PATIENCE_MS = 15_000;

type WaitFor = typeof vi.waitFor & { isPatient?: true };
const { waitFor }: { waitFor: WaitFor } = vi;

// Files of one worker share it.
if (!waitFor.isPatient) {
  const patient: WaitFor = (check, options) =>
    waitFor(
      check,
      typeof options === "number" ? options : { timeout: PATIENCE_MS, ...options },
    );
  patient.isPatient = true;
  vi.waitFor = patient;
}
