import { botSchema } from "../../../shared/management.ts";
import { rotation } from "../rotation.ts";

export const botRotate = rotation({
  noun: "bot",
  summary: "Replaces a bot's secret; for a day its calls carry both signatures, unless --now is given",
  example: "e0000000-0000-4000-8000-000000000001",
  row: botSchema,
});
