import { type Check, failed, NO_DATABASE, OK } from "../check.ts";

export const database: Check = {
  id: "database",
  title: "The database answers",
  run({ sql, databaseFault }) {
    if (databaseFault !== undefined) {
      return Promise.resolve(
        failed(
          databaseFault,
          "Copy its address from Dashboard → Connect; the session pooler will do where IPv6 is missing.",
        ),
      );
    }
    return Promise.resolve(sql ? OK : NO_DATABASE);
  },
};
