/** Why a name has no answer. Only `notFound` is a fact about the name; the others may pass. */
export type DnsFailure = "notFound" | "noData" | "timeout" | "serverFailure" | "off";

export type DnsAnswer<Record> =
  | {
      readonly kind: "found";
      readonly records: readonly Record[];
      readonly ttlSeconds: number;
      /** The resolver vouches for DNSSEC (AD bit over a trusted path). */
      readonly isSecure: boolean;
    }
  | { readonly kind: "none"; readonly failure: DnsFailure; readonly isSecure: boolean };

export interface MxRecord {
  readonly preference: number;
  /** Lower case, without the final dot; empty for null MX (RFC 7505). */
  readonly exchange: string;
}

export interface TlsaRecord {
  readonly usage: number;
  readonly selector: number;
  readonly matching: number;
  readonly data: Uint8Array;
}

/** DNS as a port. Names are given as Unicode or A-labels without a final dot. Never throws. */
export interface Resolver {
  mx(name: string): Promise<DnsAnswer<MxRecord>>;
  a(name: string): Promise<DnsAnswer<string>>;
  aaaa(name: string): Promise<DnsAnswer<string>>;
  txt(name: string): Promise<DnsAnswer<string>>;
  ptr(address: string): Promise<DnsAnswer<string>>;
  tlsa(name: string): Promise<DnsAnswer<TlsaRecord>>;
}
