import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { waitForPort } from "./peer.ts";
import type { Peer, PeerPlan } from "./peer.ts";

export const postfixDomain = "postfix.test";

/** Postfix as Debian installs it, as a second instance with folders of its own. */
export async function startPostfix(plan: PeerPlan): Promise<Peer> {
  const config = join(plan.folder, "etc");
  const queue = join(plan.folder, "queue");
  const data = join(plan.folder, "data");
  const mail = join(plan.folder, "mail");
  for (const each of [config, queue, data, mail]) mkdirSync(each);
  execFileSync("chown", ["postfix:postfix", data]);
  execFileSync("chown", ["mail:mail", mail]);
  const identity = execFileSync("id", ["-u", "mail"], { encoding: "utf8" }).trim();
  writeFileSync(
    join(config, "main.cf"),
    `compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${data}
mail_owner = postfix
myhostname = mx.${postfixDomain}
mydestination =
virtual_mailbox_domains = ${postfixDomain}
virtual_mailbox_base = ${mail}
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:${identity}
virtual_gid_maps = static:${identity}
virtual_minimum_uid = 1
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_recipient_restrictions = permit_mynetworks, reject
transport_maps = inline:{ ${plan.golubDomain}=smtp:[127.0.0.1]:${plan.golubPort} }
smtp_tls_security_level = may
disable_dns_lookups = yes
minimal_backoff_time = 2s
maximal_backoff_time = 2s
queue_run_delay = 2s
maillog_file = ${plan.folder}/postfix.log
maillog_file_prefixes = ${plan.folder}
`,
  );
  const services = readFileSync("/etc/postfix/master.cf", "utf8")
    .replace(/^smtp +inet .*$/m, `127.0.0.1:${plan.port} inet n - n - - smtpd`)
    .replaceAll(/^(\w+ +\w+ +)([-yn] +)([-yn] +)y/gm, "$1$2$3n");
  writeFileSync(join(config, "master.cf"), services);
  execFileSync("postfix", ["-c", config, "start"], { stdio: "ignore" });
  await waitForPort(plan.port);
  return {
    name: "Postfix",
    domain: postfixDomain,
    port: plan.port,
    mail,
    stop: async () => void execFileSync("postfix", ["-c", config, "stop"], { stdio: "ignore" }),
  };
}
