/** The words of what only conversations that Heddle keeps have; they come with its code. */
export const words = {
  askForPerson: "Ask for a person",
  asked: "You asked for a person. Somebody will answer you here.",
  needed: "Somebody will answer you here.",
  takeBack: "Take back",
  options: "Message options",
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
};
