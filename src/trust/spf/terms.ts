import type { MacroString } from "./macros.ts";

/** RFC 7208 §4.6.2: what a directive that matches means. */
export type SpfQualifier = "pass" | "fail" | "softfail" | "neutral";

/** RFC 7208 §5: a test of the client, with domains not expanded yet. */
export type SpfMechanism =
  | { readonly kind: "all" }
  | { readonly kind: "include"; readonly domain: MacroString }
  | { readonly kind: "exists"; readonly domain: MacroString }
  | { readonly kind: "ptr"; readonly domain: MacroString | undefined }
  | {
      readonly kind: "a" | "mx";
      readonly domain: MacroString | undefined;
      readonly bits4: number;
      readonly bits6: number;
    }
  | { readonly kind: "ip4" | "ip6"; readonly address: Uint8Array; readonly bits: number };

export interface SpfDirective {
  readonly qualifier: SpfQualifier;
  readonly mechanism: SpfMechanism;
  /** As the record has it. */
  readonly text: string;
}

/** A record that is well formed as a whole (RFC 7208 §4.6). */
export interface SpfRecord {
  readonly directives: readonly SpfDirective[];
  readonly redirect: MacroString | undefined;
  readonly exp: MacroString | undefined;
}
