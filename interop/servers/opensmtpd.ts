import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ensureUser, startProgram, stopProgram, unpackPackages, waitForPort } from "./peer.ts";
import type { Peer, PeerPlan } from "./peer.ts";

export const opensmtpdDomain = "opensmtpd.test";

/**
 * OpenSMTPD as Debian builds it. Its program has its folders built in, so it runs in a mount
 * namespace of its own, where they are those of the unpacked package.
 */
export async function startOpensmtpd(plan: PeerPlan): Promise<Peer> {
  for (const user of ["opensmtpd", "opensmtpq"]) ensureUser(user);
  const root = unpackPackages(plan.folder, ["opensmtpd"]);
  const mail = join(plan.folder, "mail");
  mkdirSync(mail);
  execFileSync("chown", ["mail:mail", mail]);
  const identity = execFileSync("id", ["-u", "mail"], { encoding: "utf8" }).trim();
  const config = join(plan.folder, "smtpd.conf");
  writeFileSync(
    config,
    `table users { "@${opensmtpdDomain}" = mail }
table home { mail = "${identity}:${identity}:${mail}" }
listen on 127.0.0.1 port ${plan.port} hostname mx.${opensmtpdDomain}
action "keep" maildir "${mail}/%{rcpt.user}" virtual <users> userbase <home>
action "golub" relay host "smtp://127.0.0.1:${plan.golubPort}"
match from any for domain "${opensmtpdDomain}" action "keep"
match from any for domain "${plan.golubDomain}" action "golub"
`,
    { mode: 0o600 },
  );
  const script = [
    `mount -t overlay overlay -o lowerdir=${join(root, "usr")}:/usr /usr`,
    "mount -t tmpfs tmpfs /var/spool",
    "mkdir -m 711 /var/spool/smtpd",
    "mkdir -p /var/lib/opensmtpd/empty",
    `exec /usr/sbin/smtpd -d -f ${config}`,
  ].join(" && ");
  const child = startProgram("unshare", ["-m", "sh", "-c", script]);
  await waitForPort(plan.port);
  const { port } = plan;
  const stop = () => stopProgram(child);
  return { name: "OpenSMTPD", domain: opensmtpdDomain, port, mail, stop };
}
