import type { TlsServerContext } from "./network.ts";

export interface MemoryTlsOptions {
  /** Names on the certificate, lower case. */
  readonly names: readonly string[];
  /** Whether clients trust who signed it; true by default. */
  readonly isTrusted?: boolean;
}

/** Stands for a certificate in a memory network. Real contexts work there too, as valid for all. */
export class MemoryTlsContext implements TlsServerContext {
  readonly kind = "server";
  readonly names: readonly string[];
  readonly isTrusted: boolean;

  constructor({ names, isTrusted = true }: MemoryTlsOptions) {
    this.names = names;
    this.isTrusted = isTrusted;
  }
}
