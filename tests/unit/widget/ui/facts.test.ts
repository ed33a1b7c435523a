import { expect, it } from "vitest";
import { labelOf } from "../../../../widget/ui/detail/facts.ts";

it.each([
  ["delivery_note", "Delivery note"],
  ["deliveryNote", "Delivery note"],
  ["𐐼𐐲", "𐐔𐐲"],
  ["", ""],
])("a field named %j has the label %j", (key, label) => expect(labelOf(key)).toBe(label));
