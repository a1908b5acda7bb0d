import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Clock } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import type { Random } from "../base/random.ts";
import { createSelfSigned } from "../net/self-signed.ts";
import type { CertificatePair } from "../net/tls-context.ts";
import type { Config } from "./config/schema.ts";

/** Where certificate and key lie: as configured, else in the data folder. */
export function certificatePaths(config: Config): {
  readonly certificate: string;
  readonly key: string;
} {
  const folder = join(config.server.dataFolder, "tls");
  return {
    certificate: config.tls.certificate || join(folder, "cert.pem"),
    key: config.tls.key || join(folder, "key.pem"),
  };
}

/**
 * Reads certificate and key. Those of the data folder are made when both are missing: self-signed,
 * for the host name, the domains and this machine.
 * @throws Refusal `syntax` naming the file that cannot be read.
 */
export function loadCertificates(
  config: Config,
  names: readonly string[],
  ports: { readonly clock: Clock; readonly random: Random },
): CertificatePair {
  const paths = certificatePaths(config);
  const isOurs = config.tls.certificate === "" && config.tls.key === "";
  if (isOurs && !existsSync(paths.certificate) && !existsSync(paths.key)) {
    const made = createSelfSigned({
      names: [...new Set(["localhost", ...names, "127.0.0.1", "::1"])],
      nowMs: ports.clock.now(),
      random: ports.random,
    });
    mkdirSync(dirname(paths.key), { recursive: true, mode: 0o700 });
    writeFileSync(paths.key, made.key, { mode: 0o600 });
    writeFileSync(paths.certificate, made.certificate);
  }
  return { certificate: read("certificate", paths.certificate), key: read("key", paths.key) };
}

function read(what: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal("syntax", `tls.${what}: ${path} cannot be read (${reason}).`);
  }
}
