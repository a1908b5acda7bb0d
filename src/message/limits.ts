/** Bounds of the message readers. What passes one is left out and the result says so. */
export interface MessageLimits {
  /** Depth of multiparts and embedded messages together. */
  readonly depthMax: number;
  /** Parts of one message, containers included. */
  readonly partsMax: number;
  /** Bytes of one header block; the body is taken to begin there. */
  readonly headerBytesMax: number;
  /** Fields of one header block; later ones are not read. */
  readonly headerFieldsMax: number;
  /** Parameters of one field (RFC 2231 pieces counted one by one). */
  readonly parametersMax: number;
  /** Bytes of one structured field's value that are looked at. */
  readonly parameterBytesMax: number;
  /** Addresses of one field. */
  readonly addressesMax: number;
}

export const messageLimits: MessageLimits = {
  depthMax: 50,
  partsMax: 1000,
  headerBytesMax: 512 * 1024,
  headerFieldsMax: 2000,
  parametersMax: 100,
  parameterBytesMax: 16 * 1024,
  addressesMax: 10_000,
};
