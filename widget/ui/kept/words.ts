/** The words of what only conversations that Heddle keeps have; they come with its code. */
export const words = {
  bot: "Bot",
  askForPerson: "Ask for a person",
  asked: "You asked for a person. Somebody will answer you here.",
  needed: "Somebody will answer you here.",
  takeBack: "Take back",
  options: (message: string) => message ? `Message options: ${message}` : "Message options",
  editMessage: "Edit message",
  changedElsewhere: (text: string) => `It was changed elsewhere. Saving replaces what it says now: ${text}`,
  lostEdit: "The message was deleted while you were changing it. Your text:",
  deleteQuestion: "Delete this message?",
  introduction: "Who are you?",
  introductionHint: "So that we know who we are writing to. You can leave it out.",
  name: "Name",
  email: "Email",
  skip: "Skip",
  gone: "This conversation is gone.",
  thanks: "Thank you.",
  notify: "Notify me of replies",
  on: "This browser tells you of replies, also while this page is closed.",
  off: "This browser tells you of replies no longer.",
  denied:
    "This browser was told to show no notifications of this site. Allow them in its settings for this site, then press here again.",
  office: {
    away: "Nobody is here at the moment. Write to us all the same: we answer as soon as we are back.",
    /** Today. */
    backAt: (time: string) => `Back at ${time}`,
    backOn: (day: string, time: string) => `Back ${day}, ${time}`,
  },
};
