import type { ParticipantRole } from "../../core/rooms.ts";

/** Words of rooms. */
export const roomWords = {
  create: "Create room",
  creating: "Creating…",
  name: "Name of the room",
  people: "Who takes part",
  nobody: "Nobody yet. At least one visitor takes part.",
  needsVisitor: "At least one visitor takes part in a room.",
  find: "Find visitors, colleagues and bots",
  none: "Nobody else of that name is known here.",
  notFound: "Visitors could not be searched.",
  roles: { visitor: "Visitor", operator: "Team", bot: "Bot" } satisfies Record<ParticipantRole, string>,
  add: "Add ",
  remove: "Remove",
  removeOf: (name: string) => `Remove ${name}`,
  removeQuestion: (name: string) =>
    `Remove ${name} from this room? They see and hear nothing of it any more; what they wrote stays.`,
  answers: (name: string) => `When ${name} answers`,
  addPeople: "Add people",
  done: "Done",
  room: "Room",
  rename: "Rename",
  saved: "Saved.",
  delete: "Delete room",
  deleteQuestion: (name: string) =>
    `Delete ${name} with all that was written in it? It is gone for its visitors, too, and nobody can bring it back.`,
  close: "Close",
  cancel: "Cancel",
};
