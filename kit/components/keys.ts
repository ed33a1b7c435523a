/** Whether a key belongs to a composition. Safari ends one before the key that ended it, and marks that key with code 229. */
export function composes({ isComposing, keyCode }: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean {
  return isComposing || keyCode === 229;
}
