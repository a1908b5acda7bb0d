import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { LineClient } from "../load/line-client.ts";
import { waitForMessages } from "./golub.ts";
import { cpuSecondsOf, residentBytesOf } from "./process-figures.ts";
import type { BenchServer } from "./server.ts";

const user = "ana";
const password = "bench-password";

/** Installs Debian's packages when they are missing. Needs root. */
export function installPeers(): void {
  if (existsSync("/usr/sbin/postfix") && existsSync("/usr/sbin/dovecot")) return;
  const packages = ["postfix", "dovecot-core", "dovecot-imapd", "dovecot-pop3d", "dovecot-lmtpd"];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  execFileSync("apt-get", ["update", "-qq"], { stdio: "inherit", env });
  execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
    stdio: ["ignore", 2, 2],
    env,
  });
}

/**
 * Postfix that delivers to Dovecot by LMTP, both as Debian ships them and durable, with what a
 * load test must turn off: limits per client and waits for DNS.
 */
export async function startPostfixDovecot(options: {
  readonly portOffset: number;
  readonly mailFormat: "maildir" | "sdbox";
}): Promise<BenchServer> {
  const folder = mkdtempSync("/var/tmp/golub-peers-");
  execFileSync("chmod", ["755", folder]);
  const ports = {
    smtp: 25 + options.portOffset,
    imap: 143 + options.portOffset,
    imaps: 993 + options.portOffset,
    pop3: 110 + options.portOffset,
  };
  const certificate = makeCertificate(folder);
  const began = performance.now();
  const roots = [
    await startDovecot(folder, ports, options.mailFormat, certificate),
    await startPostfix(folder, ports.smtp),
  ];
  for (const port of [ports.smtp, ports.imap, ports.pop3]) await waitForPort(port);
  const startedInMs = performance.now() - began;
  return {
    name: `postfix+dovecot (${options.mailFormat})`,
    ports,
    user,
    password,
    recipient: "ana@bench.example",
    cpuSeconds: () => cpuSecondsOf(roots),
    residentBytes: () => residentBytesOf(roots),
    waitForMessages: (count) => waitForMessages(ports.imap, user, password, count),
    startedInMs,
    // Each session has a process of its own.
    restart: async () => undefined,
    async stop() {
      execFileSync("postfix", ["-c", join(folder, "postfix"), "stop"], { stdio: "ignore" });
      for (const root of roots) kill(root);
      for (let tries = 0; tries < 1_000 && roots.some(isAlive); tries++) await wait(10);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function kill(id: number): void {
  try {
    process.kill(id, "SIGTERM");
  } catch {
    // Already gone, which is what we want.
  }
}

function isAlive(id: number): boolean {
  return existsSync(`/proc/${id}/exe`);
}

interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

function makeCertificate(folder: string): CertificateFiles {
  const certificate = join(folder, "cert.pem");
  const key = join(folder, "key.pem");
  const subject = ["-subj", "/CN=localhost", "-days", "30"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  execFileSync(
    "openssl",
    ["req", "-x509", ...curve, ...subject, "-keyout", key, "-out", certificate],
    {
      stdio: "ignore",
    },
  );
  return { certificate, key };
}

async function startDovecot(
  folder: string,
  ports: BenchServer["ports"],
  mailFormat: "maildir" | "sdbox",
  { certificate, key }: CertificateFiles,
): Promise<number> {
  const home = join(folder, "mail");
  mkdirSync(home);
  execFileSync("chown", ["mail:mail", home]);
  const identity = execFileSync("id", ["-u", "mail"], { encoding: "utf8" }).trim();
  const config = `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap pop3 lmtp
listen = 127.0.0.1
mail_location = ${mailFormat}:${home}/%n
first_valid_uid = 1
mail_uid = mail
mail_gid = mail
disable_plaintext_auth = no
ssl = yes
ssl_cert = <${certificate}
ssl_key = <${key}
default_client_limit = 4000
default_process_limit = 1000
mail_max_userip_connections = 2000
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = uid=${identity} gid=${identity} home=${home}/%n allow_all_users=yes
}
service imap-login {
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${ports.pop3}
  }
  inet_listener pop3s {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${ports.smtp + 1}
  }
}
service anvil {
  client_limit = 9000
}
service auth {
  client_limit = 9000
}
protocol lmtp {
  auth_username_format = %n
}
`;
  writeFileSync(join(folder, "dovecot.conf"), config);
  const child = spawn("dovecot", ["-F", "-c", join(folder, "dovecot.conf")], { stdio: "ignore" });
  await waitForFile(join(folder, "run", "master.pid"));
  return child.pid ?? 0;
}

async function startPostfix(folder: string, port: number): Promise<number> {
  const config = join(folder, "postfix");
  const queue = join(folder, "queue");
  const data = join(folder, "data");
  for (const each of [config, queue, data]) mkdirSync(each);
  execFileSync("chown", ["postfix:postfix", data]);
  writeFileSync(
    join(config, "main.cf"),
    `compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${data}
mail_owner = postfix
myhostname = bench.example
mydestination =
virtual_mailbox_domains = bench.example
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:${port + 1}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
default_process_limit = 600
disable_dns_lookups = yes
maillog_file = ${folder}/postfix.log
maillog_file_prefixes = /var
virtual_mailbox_limit = 0
mailbox_size_limit = 0
`,
  );
  const services = execFileSync("cat", ["/etc/postfix/master.cf"], { encoding: "utf8" })
    .replace(/^smtp +inet .*$/m, `127.0.0.1:${port} inet n - n - - smtpd`)
    .replaceAll(/^(\w+ +\w+ +)([-yn] +)([-yn] +)y/gm, "$1$2$3n");
  writeFileSync(join(config, "master.cf"), services);
  execFileSync("postfix", ["-c", config, "start"], { stdio: ["ignore", "ignore", "ignore"] });
  const pidFile = join(queue, "pid", "master.pid");
  await waitForFile(pidFile);
  return Number(readFileSync(pidFile, "utf8").trim());
}

async function waitForPort(port: number): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    const client = await LineClient.open(port).catch(() => undefined);
    if (client !== undefined) {
      await client.line();
      client.close();
      return;
    }
    await wait(5);
  }
  throw new Error(`nothing listens on port ${port}`);
}

async function waitForFile(path: string): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    if (existsSync(path)) return;
    await wait(5);
  }
  throw new Error(`${path} did not appear`);
}
