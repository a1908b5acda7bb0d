import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { findMessages, plainMessage, waitForMessage } from "../inbox.ts";
import { until } from "../world.ts";
import type { InteropCase, Person, World } from "../world.ts";

/** Puts a message into a mailbox with curl's IMAP upload. */
async function put(
  world: World,
  person: Person,
  subject: string,
  mailbox = "INBOX",
): Promise<void> {
  const input = plainMessage(world, subject, "Tijelo čeka.\n").replaceAll("\n", "\r\n");
  const file = join(world.subfolder("put"), "mail.eml");
  writeFileSync(file, input);
  const url = `imaps://localhost:${world.port("imaps")}/${encodeURIComponent(mailbox)}`;
  const login = ["--user", `${person.address}:${person.password}`, "--cacert", world.certificate];
  await world.run("curl", ["-sS", ...login, url, "-T", file]);
}

const certificateOf = (world: World) => `sslcertfile "${world.certificate}"`;

export const readingCases: readonly InteropCase[] = [
  {
    name: "curl: POP3 list and one message, IMAP list and search",
    packages: ["curl"],
    async run(world) {
      await put(world, world.ana, "curl za čitanje");
      const login = ["-sS", "--user", `${world.ana.address}:${world.ana.password}`];
      const tls = ["--cacert", world.certificate];
      const pop3 = `pop3s://localhost:${world.port("pop3s")}/`;
      const list = await world.run("curl", [...login, ...tls, pop3]);
      const last = list.trim().split("\n").length;
      const text = await world.run("curl", [...login, ...tls, `${pop3}${last}`]);
      assert.match(text, /Tijelo čeka/);
      const plain = `imap://127.0.0.1:${world.port("imap")}/`;
      assert.match(await world.run("curl", [...login, plain]), /\* LIST \(.*\) "\/" "?INBOX"?/);
    },
  },
  {
    name: "fetchmail: POP3 and IMAP over TLS, keeping and deleting",
    packages: ["fetchmail"],
    async run(world) {
      await put(world, world.boris, "fetchmail ovo");
      const folder = world.subfolder("fetchmail");
      for (const protocol of ["pop3", "imap"]) {
        const box = join(folder, `${protocol}.mbox`);
        const config = join(folder, `${protocol}.rc`);
        writeFileSync(
          config,
          `poll localhost protocol ${protocol} service ${world.port(`${protocol}s`)} ${protocol === "pop3" ? "uidl" : ""}
user "${world.boris.address}" password "${world.boris.password}"
ssl sslcertck ${certificateOf(world)} keep fetchall
mda "cat >> ${box}"
`,
          { mode: 0o600 },
        );
        const environment = { FETCHMAILHOME: folder, HOME: folder };
        await world.run("fetchmail", ["-f", config, "--pidfile", join(folder, `${protocol}.pid`)], {
          environment,
        });
        assert.match(readFileSync(box, "utf8"), /fetchmail ovo/);
      }
    },
  },
  {
    name: "getmail6: IMAP to a Maildir, twice, the second time nothing new",
    packages: ["getmail6"],
    async run(world) {
      await put(world, world.boris, "getmail ovo");
      const folder = world.subfolder("getmail");
      const maildir = join(folder, "Mail");
      for (const part of ["cur", "new", "tmp"]) mkdirSync(join(maildir, part), { recursive: true });
      writeFileSync(
        join(folder, "getmailrc"),
        `[retriever]
type = SimpleIMAPSSLRetriever
server = localhost
port = ${world.port("imaps")}
ca_certs = ${world.certificate}
username = ${world.boris.address}
password = ${world.boris.password}
[destination]
type = Maildir
path = ${maildir}/
user = mail
[options]
read_all = false
delete = false
`,
      );
      // Getmail delivers nothing as root.
      await world.run("chown", ["-R", "mail:mail", folder]);
      const args = [`--getmaildir=${folder}`];
      await world.run("getmail", args);
      const count = readdirSync(join(maildir, "new")).length;
      assert.ok(count > 0);
      await world.run("getmail", args);
      assert.equal(readdirSync(join(maildir, "new")).length, count);
    },
  },
  {
    name: "mbsync: two-way synchronisation with flags, new and deleted messages",
    packages: ["isync"],
    async run(world) {
      const folder = world.subfolder("mbsync");
      await put(world, world.ana, "mbsync s poslužitelja");
      const config = join(folder, "mbsyncrc");
      writeFileSync(
        config,
        `IMAPStore remote
Host localhost
Port ${world.port("imaps")}
User ${world.ana.address}
Pass "${world.ana.password}"
SSLType IMAPS
CertificateFile ${world.certificate}

MaildirStore local
Path ${folder}/mail/
Inbox ${folder}/mail/INBOX
SubFolders Verbatim

Channel all
Far :remote:
Near :local:
Patterns *
Create Both
Expunge Both
SyncState *
`,
      );
      mkdirSync(join(folder, "mail"));
      const sync = () =>
        world.run("mbsync", ["-c", config, "all"], { environment: { HOME: folder } });
      await sync();
      const inbox = join(folder, "mail", "INBOX");
      const names = ["new", "cur"].flatMap((part) => readdirSync(join(inbox, part)));
      assert.ok(names.length > 0);
      const text = plainMessage(world, "mbsync iz Maildira").replaceAll("\n", "\r\n");
      writeFileSync(join(inbox, "cur", "1700000000.1_1.local:2,FS"), text);
      await sync();
      const [message] = await findMessages(world, world.ana, "mbsync iz Maildira");
      assert.match(message ?? "", /Dobar dan/);
      assert.ok(existsSync(join(folder, "mail", "Sent")));
    },
  },
  {
    name: "offlineimap3: synchronises every folder to Maildir",
    packages: ["offlineimap3"],
    async run(world) {
      await put(world, world.boris, "offlineimap ovo");
      const folder = world.subfolder("offlineimap");
      const config = join(folder, "rc");
      writeFileSync(
        config,
        `[general]
accounts = b
metadata = ${folder}/meta
ui = basic
[Account b]
localrepository = local
remoterepository = remote
[Repository local]
type = Maildir
localfolders = ${folder}/mail
[Repository remote]
type = IMAP
remotehost = localhost
remoteport = ${world.port("imaps")}
remoteuser = ${world.boris.address}
remotepass = ${world.boris.password}
ssl = yes
sslcacertfile = ${world.certificate}
`,
      );
      const environment = { HOME: folder };
      await world.run("offlineimap", ["-c", config, "-o"], { environment, timeoutMs: 60_000 });
      const inbox = join(folder, "mail", "INBOX");
      const names = ["new", "cur"].flatMap((part) => readdirSync(join(inbox, part)));
      assert.ok(names.length > 0);
      assert.ok(existsSync(join(folder, "mail", "Drafts")));
    },
  },
  {
    name: "mutt: reads INBOX over IMAP and saves a message to a file",
    packages: ["mutt"],
    async run(world) {
      await put(world, world.ana, "mutt ovo");
      await waitForMessage(world, world.ana, "mutt ovo");
      const folder = world.subfolder("mutt");
      const config = join(folder, "muttrc");
      const copy = join(folder, "copy.mbox");
      writeFileSync(
        config,
        `set imap_user="${world.ana.address}"
set imap_pass="${world.ana.password}"
set folder="imaps://localhost:${world.port("imaps")}/"
set spoolfile="+INBOX"
set certificate_file="${world.certificate}"
set ssl_verify_host=no
set confirmcreate=no
set confirmappend=no
set mbox_type=mbox
set delete=no
push "<tag-pattern>~s mutt<enter><tag-prefix><copy-message>${copy}<enter><exit>"
`,
      );
      const terminal = ["-qec", `mutt -F ${config}`, "/dev/null"];
      await world.run("script", terminal, { environment: { TERM: "xterm", HOME: folder } });
      const find = async () => (existsSync(copy) ? readFileSync(copy, "utf8") : undefined);
      assert.match(await until("mutt's copy", find), /Subject: mutt ovo/);
    },
  },
];
