/** Bytes of a piece of a streamed body, at most (see `BlobStore.stream`). */
export const streamBytesMax = 262_144;

/** Bodies up to this many bytes ride inside the commit (see `StagedBlob.inline`). */
export const inlineBytesMax = 65_536;
