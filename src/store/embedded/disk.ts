/** A file that is only appended to, as the segments of bodies need it. */
export interface DiskFile {
  readonly sizeBytes: number;
  /**
   * Writes at the position and returns how many bytes were taken: fewer than given when the disk
   * filled up. Nothing is durable before `sync`.
   */
  write(parts: readonly Uint8Array[], position: number): Promise<number>;
  /** Makes what was written durable. After a failure nobody knows what is. */
  sync(): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  /** Fewer bytes than asked only at the end of the file. */
  read(position: number, lengthBytes: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A folder of files, with everything that can go wrong with one. */
export interface Disk {
  /** Opens a file for reading and writing; makes it when missing. */
  open(name: string): Promise<DiskFile>;
  list(): Promise<readonly { readonly name: string; readonly sizeBytes: number }[]>;
  remove(name: string): Promise<void>;
  /** Makes the making and removing of files durable. */
  syncFolder(): Promise<void>;
  /** Bytes that this process may still write. Cheap enough to ask a few times a second. */
  freeBytes(): number;
}
