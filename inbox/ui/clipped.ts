/**
 * For what may be too long for its place: all of it stands under the pointer then. Where nothing is cut off, and for who has no
 * pointer, a title would say the same twice.
 */
export const whenClipped = {
  onPointerEnter({ currentTarget: element }: { currentTarget: HTMLElement }): void {
    const isClipped = element.scrollWidth > element.clientWidth ||
      element.scrollHeight > element.clientHeight;
    element.title = isClipped ? element.textContent ?? "" : "";
  },
};
