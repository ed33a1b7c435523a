/** Bytes of gzip that a visit may have loaded by then. */
export const BYTE_CAPS = { loader: 3_000, badge: 27_000, thread: 45_000 };
