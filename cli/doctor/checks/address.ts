import { type Check, failed, lacking, OK } from "../check.ts";

export const address: Check = {
  id: "address",
  title: "The project answers",
  run(subject) {
    if (subject.urlFault === undefined) {
      return Promise.resolve(subject.url ? OK : lacking(subject, "--url"));
    }
    return Promise.resolve(
      failed(subject.urlFault, "Check --url and your connection; a project that is paused does not answer."),
    );
  },
};
