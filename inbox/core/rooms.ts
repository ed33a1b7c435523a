import type { Result } from "../../client/http/problem.ts";
import type { Project } from "./project.ts";

/** Who can take part in a room. */
export type ParticipantRole = "visitor" | "operator" | "bot";

/** When a bot answers in a room. */
export const AUTO_RESPOND = ["unclaimed", "always", "never"] as const;
export type AutoRespond = (typeof AUTO_RESPOND)[number];

/** Somebody who takes part in a room, or is to. */
export interface Participant {
  role: ParticipantRole;
  /** A visitor's `endUserId`, an operator's user id, or a bot's id. */
  id: string;
  name?: string;
  /** A bot's. */
  autoRespond?: string;
}

/** A room, and who takes part in it. */
export interface Room {
  id: string;
  name: string;
  participants: Participant[];
}

/** A visitor that was found by a part of their name or address. */
export interface FoundPerson {
  id: string;
  name: string | null;
  email: string | null;
}

const ROOM = { id: "", name: "", participants: [{ role: "visitor", id: "" }] as const };
const FOUND = { people: [{ id: "" }] as const };
const MOST_FOUND = 20;

/** What the team does with rooms. Each answer but the deletion's is the room as it is then. */
export type Rooms = ReturnType<typeof createRooms>;

export function createRooms({ project, agentId }: { project: Project; agentId: string }) {
  const ask = async (name: string, args: object): Promise<Result<Room>> =>
    await project.call<Omit<Room, "participants">>(name, args, ROOM) as Result<Room>;

  return {
    create: (name: string, participants: readonly Participant[]) =>
      ask("inbox_create_room", {
        p_agent_id: agentId,
        p_name: name,
        p_participants: participants.map(asked),
      }),
    rename: (roomId: string, name: string) => ask("inbox_update_room", { p_room_id: roomId, p_name: name }),
    /** With all that was written in it. */
    remove: (roomId: string): Promise<Result<object>> =>
      project.call<object>("inbox_delete_room", { p_room_id: roomId }, {}),
    /** Takes somebody in, or changes when a bot answers. */
    seat: (roomId: string, participant: Participant) =>
      ask("inbox_set_participant", { p_room_id: roomId, p_participant: asked(participant) }),
    unseat: (roomId: string, { role, id }: Participant) =>
      ask("inbox_remove_participant", { p_room_id: roomId, p_role: role, p_id: id }),
    /** Visitors by any part of their name or address, who were there last first. */
    async people(text: string): Promise<Result<FoundPerson[]>> {
      const args = { p_agent_id: agentId, p_text: text, p_limit: MOST_FOUND };
      const result = await project.call<{ people: { id: string }[] }>("inbox_search", args, FOUND);
      return result.ok ? { ok: true, value: result.value.people as FoundPerson[] } : result;
    },
  };
}

const asked = ({ role, id, autoRespond }: Participant) => ({ role, id, autoRespond });
