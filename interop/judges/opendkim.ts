import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Whether opendkim, in its test mode and with keys given as data, verifies a message. */
export async function opendkimVerifies(
  message: Uint8Array,
  records: Readonly<Record<string, string>>,
): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "golub-opendkim-"));
  try {
    const paths = ["message", "keys", "conf"].map((name) => join(folder, name));
    const [mail = "", keys = "", conf = ""] = paths;
    writeFileSync(mail, message);
    const lines = Object.entries(records).map(([name, text]) => `${name} ${text}\n`);
    writeFileSync(keys, lines.join(""));
    writeFileSync(conf, `Mode v\nTestDNSData file:${keys}\n`);
    const { stdout, stderr } = await run("opendkim", ["-x", conf, "-t", mail]);
    return /verification .* succeeded/.test(stdout + stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
