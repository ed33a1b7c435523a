/** English words of a message that grows, or ended before it was whole. */
export const growingWords = {
  stop: "Stop",
  stopping: "Stopping…",
  stopped: "Stopped",
  broken: "This answer broke off.",
};
