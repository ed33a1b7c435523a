/** The few words that are needed before a message catalogue is loaded. */
export const OPEN_MESSAGES = "Open messages";
export const NOT_LOADED = "Messages could not be loaded. Please try again.";
