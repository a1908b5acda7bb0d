import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ensureUser, startProgram, stopProgram, unpackPackages, waitForPort } from "./peer.ts";
import type { Peer, PeerPlan } from "./peer.ts";

export const eximDomain = "exim.test";

/** Exim as Debian builds it, with a configuration of our own. */
export async function startExim(plan: PeerPlan): Promise<Peer> {
  ensureUser("Debian-exim");
  const root = unpackPackages(plan.folder, ["exim4-daemon-light"]);
  const mail = join(plan.folder, "mail");
  const spool = join(plan.folder, "spool");
  for (const each of [mail, spool]) mkdirSync(each);
  execFileSync("chown", ["Debian-exim:Debian-exim", mail, spool]);
  const config = join(plan.folder, "exim.conf");
  const program = join(root, "usr/sbin/exim4");
  writeFileSync(
    config,
    `primary_hostname = mx.${eximDomain}
exim_path = ${program}
spool_directory = ${spool}
log_file_path = ${spool}/%slog
domainlist local_domains = ${eximDomain}
hostlist relay_from_hosts = 127.0.0.1
acl_smtp_rcpt = acl_check_rcpt
chunking_advertise_hosts = *
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *
host_lookup =
rfc1413_query_timeout = 0s
never_users = root
queue_run_in_order
begin acl
acl_check_rcpt:
  accept hosts = +relay_from_hosts
  deny
begin routers
golub:
  driver = manualroute
  domains = ${plan.golubDomain}
  transport = to_golub
  route_list = * 127.0.0.1
  self = send
local:
  driver = accept
  domains = +local_domains
  transport = files
begin transports
to_golub:
  driver = smtp
  port = ${plan.golubPort}
  allow_localhost
  hosts_try_chunking = *
  tls_tempfail_tryclear = true
files:
  driver = appendfile
  directory = ${mail}/all
  maildir_format
  create_directory
  user = Debian-exim
begin retry
* * F,1h,2s
`,
  );
  const args = ["-C", config, "-bdf", "-q2s", "-oX", `127.0.0.1.${plan.port}`];
  const child = startProgram(program, args);
  await waitForPort(plan.port);
  const { port } = plan;
  return { name: "Exim", domain: eximDomain, port, mail, stop: () => stopProgram(child) };
}
