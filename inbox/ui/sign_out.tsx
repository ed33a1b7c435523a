import { useState } from "preact/hooks";
import type { Inbox } from "../core/inbox.ts";
import { Late, latePart } from "./late.tsx";

const lateQuestion = latePart(async () => (await import("./leaving.tsx")).Leaving);

/** Signs out, or where something would be lost asks first; what asks is to be shown. */
export function useSignOut(inbox: Inbox) {
  const [isAsking, setAsking] = useState(false);

  function signOut() {
    const { replies, drafts } = inbox.unsent();
    if (replies + drafts > 0) setAsking(true);
    else void inbox.signOut();
  }

  const stay = () => setAsking(false);
  const question = isAsking && <Late of={lateQuestion} props={{ inbox, onStay: stay }} onClose={stay} />;
  return { signOut, question };
}
