/** Sent as `x-heddle-client`, so that a server can tell releases apart. */
export const CLIENT = "widget/0.1.0";
