import { expect, test } from "vitest";
import { weighInbox } from "../../../scripts/build_inbox.mjs";
import { useBuilt } from "../../support/built.ts";

/** Bytes of gzip, Supabase's client among them. */
const CAP = 150_000;
const built = useBuilt("inbox");

test("the operators' app stays small", () => expect(weighInbox(built())).toBeLessThanOrEqual(CAP));
