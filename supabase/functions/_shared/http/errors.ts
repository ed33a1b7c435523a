import { HeddleError } from "../../../../shared/errors.ts";
import { json } from "./respond.ts";

/** The one place where an error becomes an answer. What was not thrown on purpose tells nothing of itself. */
export function errorResponse(error: HeddleError): Response {
  return json(error, error.status, error.headers);
}

/** Any thrown value as the error the caller may see. */
export function asHeddleError(error: unknown): HeddleError {
  if (error instanceof HeddleError) return error;
  return new HeddleError("internal", "Something went wrong here; the request id finds it in the logs.", {
    cause: error,
  });
}
