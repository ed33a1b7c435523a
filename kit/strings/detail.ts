/** English words of a record's detail. */
export const detailWords = {
  yes: "Yes",
  no: "No",
  save: "Save",
  saving: "Saving…",
  delete: "Delete",
  deleting: "Deleting…",
  saved: "Saved.",
  deleteQuestion: "Delete this for good?",
  status: "Status",
  date: "Date",
};
