/**
 * Settings of the local server. Safe against a killed process (every commit reaches the operating system, pages
 * are written whole), not against a power cut: that is what `fsync=off` gives away for speed.
 */
export const SETTINGS = {
  fsync: "off",
  synchronous_commit: "on",
  full_page_writes: "on",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "64MB",
  max_wal_size: "256MB",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
} as const;
