import { createPrivateKey, X509Certificate } from "node:crypto";
import type { SecureContext } from "node:tls";
import { createSecureContext } from "node:tls";
import { Refusal } from "../base/faults.ts";
import type { TlsServerContext } from "./network.ts";

/** A certificate with its chain, and its key, both PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

interface Loaded {
  readonly first: SecureContext;
  readonly byName: ReadonlyMap<string, SecureContext>;
}

/**
 * The certificates of our side. The first serves clients that name no server or one that is not
 * in any certificate. `replace` changes them for new handshakes; connections go on.
 */
export class CertificateContext implements TlsServerContext {
  readonly kind = "server";
  #loaded: Loaded;

  /** @throws Refusal `syntax`: a certificate or key cannot be read or they do not belong together. */
  constructor(pairs: readonly CertificatePair[]) {
    this.#loaded = load(pairs);
  }

  /** @throws Refusal like the constructor; the old certificates stay then. */
  replace(pairs: readonly CertificatePair[]): void {
    this.#loaded = load(pairs);
  }

  /** The context for the name that a client asks for. */
  contextFor(serverName: string): SecureContext {
    const { first, byName } = this.#loaded;
    const name = serverName.toLowerCase();
    const parent = name.slice(name.indexOf(".") + 1);
    return byName.get(name) ?? byName.get(`*.${parent}`) ?? first;
  }

  /** What a server's TLSSocket needs. Choosing by name costs a step, so one context skips it. */
  socketOptions() {
    const { first, byName } = this.#loaded;
    if (byName.size === 0) return { secureContext: first };
    type Choose = (error: Error | null, context?: SecureContext) => void;
    const SNICallback = (name: string, choose: Choose): void => {
      choose(null, this.contextFor(name));
    };
    return { secureContext: first, SNICallback };
  }
}

function load(pairs: readonly CertificatePair[]): Loaded {
  const contexts = pairs.map((pair) => ({ context: secureContext(pair), names: names(pair) }));
  const first = contexts[0];
  if (first === undefined) throw new Refusal("syntax", "Give at least one TLS certificate.");
  const byName = new Map<string, SecureContext>();
  // Earlier certificates win, and a single one needs no choosing.
  if (contexts.length > 1) {
    for (const { context, names } of contexts) {
      for (const name of names) if (!byName.has(name)) byName.set(name, context);
    }
  }
  return { first: first.context, byName };
}

function secureContext({ certificate, key }: CertificatePair): SecureContext {
  try {
    const leaf = new X509Certificate(certificate);
    if (!leaf.checkPrivateKey(createPrivateKey(key))) {
      throw new Error("the key belongs to another certificate");
    }
    // RFC 8996: TLS 1.0 and 1.1 must not be used.
    return createSecureContext({ cert: certificate, key, minVersion: "TLSv1.2" });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal("syntax", `The TLS certificate and key cannot be used: ${why}.`);
  }
}

/** DNS names of the certificate's subjectAltName, lower case, wildcards with their "*.". */
function names({ certificate }: CertificatePair): string[] {
  const list = new X509Certificate(certificate).subjectAltName ?? "";
  return list
    .split(", ")
    .filter((entry) => entry.startsWith("DNS:"))
    .map((entry) => entry.slice("DNS:".length).toLowerCase());
}
