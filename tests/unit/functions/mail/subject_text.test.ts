import { describe, expect, it } from "vitest";
import { subjectText } from "../../../../supabase/functions/_shared/mail/subject_text.ts";

describe("of a subject", () => {
  it.each([
    "Call me at 555-1234, please",
    "Please cancel my order 77 [EOM]",
    "Re: please cancel my order 77",
    "Accepted: Visit @ Tue 1 Dec",
    "Re: Fern & Fable has answered you - yes, please",
    "Yes, please. Re: Fern & Fable has answered you",
    "Nobody has answered me",
    "Sì, grazie. R: Fern ti ha risposto",
    "Ja, bitte. AW: Fern hat Ihnen geantwortet",
    "Was hat Ihnen gefallen?",
  ])("what a visitor has written is taken: %s", (subject) => {
    expect(subjectText(subject, "visitor")).toBe(subject);
  });

  it.each([
    "Fern & Fable has answered you",
    "Re: Fern & Fable has answered you",
    "RE: AW: Fern & Fable has answered you: 3 new messages",
    "[EXT] Re: Fern & Fable has answered you",
    "Re: Fern & Fable has answered you [External]",
    "Antw: Fern: a shop has written to you",
    "回复：Fern has written to you",
    "Re[2]: Fern has written to you",
    "AW: Fern & Fable hat Ihnen geantwortet",
    "Re: Fern hat Ihnen geschrieben",
    "RE: Fern te ha respondido",
    "RV: Fern te ha escrito",
    "RE : Fern vous a répondu",
    "TR : Fern vous a écrit",
    "R: Fern ti ha risposto",
    "I: Fern ti ha scritto",
    "Antw: Fern heeft je geantwoord",
    "Antw.: Fern heeft je geschreven",
    "RES: Fern respondeu à sua mensagem",
    "ENC: Fern escreveu para você",
    "Re: ",
    "",
    " ",
  ])("that of our own mail is nothing: %j", (subject) => {
    expect(subjectText(subject, "visitor")).toBe("");
  });

  it("what answers a mail to the team is nothing, since those have many", () => {
    expect(subjectText("Re: Ada asks for a person", "team")).toBe("");
    expect(subjectText("On my way", "team")).toBe("On my way");
  });

  it.each(["[", "Re:", "a:", " ", "\ud800"])("what is made to take long stays quick: %j", (part) => {
    const from = process.cpuUsage();
    expect(subjectText(part.repeat(100_000), "visitor").length).toBeLessThanOrEqual(1000);
    expect(process.cpuUsage(from).user).toBeLessThan(1_000_000);
  });
});
