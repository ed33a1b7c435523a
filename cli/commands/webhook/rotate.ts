import { webhookSchema } from "../../../shared/management.ts";
import { rotation } from "../rotation.ts";

export const webhookRotate = rotation({
  noun: "webhook",
  summary:
    "Replaces a webhook's secret; for a day what is sent carries both signatures, unless --now is given",
  example: "f0000000-0000-4000-8000-000000000001",
  row: webhookSchema,
});
