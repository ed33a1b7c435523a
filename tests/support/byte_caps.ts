/** Bytes of gzip that a visit may have loaded by then. What loads on first use of something else counts apart. */
export const BYTE_CAPS = { loader: 3_000, badge: 16_200, thread: 43_200 };
