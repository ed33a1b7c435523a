/** An owner's answer that has none of the accepted shapes. `message` is for the owner and names the place. */
export class UnknownShape extends Error {
  override readonly name = "UnknownShape";
}
