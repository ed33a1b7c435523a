const SECONDS = 0.25;

/** How long a connection of the stack waits before it tries again, in seconds: the driver's own would wait up to 20. */
export const reconnectDelay = (): number => SECONDS;
