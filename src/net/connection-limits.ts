export interface ConnectionLimits {
  /** Bytes that are taken from the system before anybody asks for them. */
  readonly arrivedBytesMax: number;
  /** Bytes that may wait for a peer who does not read. */
  readonly unsentBytesMax: number;
  /** How long nothing at all may leave while bytes wait, milliseconds. */
  readonly writeStallMs: number;
  /** How long the peer may take to end its side after we ended ours, milliseconds. */
  readonly lingerMs: number;
  /** Bytes that are thrown away while waiting for that end. */
  readonly lingerBytesMax: number;
}

export const defaultConnectionLimits: ConnectionLimits = {
  arrivedBytesMax: 64 * 1024,
  unsentBytesMax: 64 * 1024 * 1024,
  writeStallMs: 120_000,
  lingerMs: 2_000,
  lingerBytesMax: 1024 * 1024,
};
