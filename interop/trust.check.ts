// Judges that others wrote say whether they agree with ours about who sent a message:
//
//   npm run trust            python3-dkim, python3-spf and opendkim of Debian, installed if missing
//
// The last line is `N passed, N failed`. Messages and zones are random and the same in every run.
import { execFileSync } from "node:child_process";
import { seededRandom } from "../src/base/random.ts";
import { sealArc } from "../src/trust/arc-seal.ts";
import { verifyArc } from "../src/trust/arc.ts";
import { dnsWith, ed25519Key, rsaKey } from "../src/trust/dkim-fixture.ts";
import { dkimRecord } from "../src/trust/dkim-keys.ts";
import { signDkim } from "../src/trust/dkim-sign.ts";
import { verifyDkim } from "../src/trust/dkim-verify.ts";
import { viewMessage } from "../src/trust/message-view.ts";
import { judgeSpf } from "../src/trust/spf.ts";
import { createZoneResolver } from "../src/trust/zone-fixture.ts";
import { opendkimVerifies } from "./judges/opendkim.ts";
import { startPythonJudges } from "./judges/python-judges.ts";
import { randomMail, randomSpfZone } from "./judges/random-mail.ts";

const packages = ["python3-dkim", "python3-nacl", "python3-spf", "opendkim"];
const ways = ["simple", "relaxed"] as const;
const keys = [rsaKey(), ed25519Key()];
const records = Object.fromEntries(keys.map(dkimRecord).map(({ name, text }) => [name, text]));
const dns = dnsWith(keys);
const nowMs = Date.now();
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const pem = (index: number) => keys[index]?.privateKey.export({ format: "pem", type: "pkcs8" });

let passed = 0;
let failed = 0;

installMissing();
await using judges = startPythonJudges();
await compare("python3-dkim passes what we sign", 40, signedByUs);
await compare("python3-dkim and we say the same of changed messages", 200, changedMessages);
await compare("we pass what python3-dkim signs", 40, signedByPython);
await compare("opendkim passes what we sign", 12, signedForOpendkim);
await compare("python3-dkim passes the chains we seal", 20, sealedByUs);
await compare("we pass the chains python3-dkim seals", 20, sealedByPython);
await compare("python3-spf and we say the same of random zones", 600, sameSpf);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs one comparison with so many seeds; it gives what is wrong, or nothing. */
async function compare(
  name: string,
  count: number,
  run: (seed: number) => Promise<string | undefined>,
): Promise<void> {
  const faults: string[] = [];
  for (let seed = 1; seed <= count; seed++) {
    const fault = await run(seed);
    if (fault !== undefined) faults.push(`seed ${seed}: ${fault}`);
  }
  if (faults.length === 0) passed++;
  else failed++;
  console.log(`${faults.length === 0 ? "ok   " : "FAIL "} ${name} (${count} cases)`);
  for (const fault of faults.slice(0, 5)) console.log(`      ${fault}`);
  if (faults.length > 5) console.log(`      and ${faults.length - 5} more`);
}

function signedWith(mail: Uint8Array, seed: number): Buffer {
  const headerCanonicalization = ways[seed % 2] ?? "simple";
  const bodyCanonicalization = ways[(seed >> 1) % 2] ?? "simple";
  const options = { nowMs, headerCanonicalization, bodyCanonicalization };
  return Buffer.concat([Buffer.from(signDkim(viewMessage(mail), keys, options)), mail]);
}

async function ours(message: Uint8Array): Promise<string[]> {
  const { signatures } = await verifyDkim(viewMessage(message), { resolver: dns, nowMs });
  return signatures.map(({ result, problem }) => (result === "pass" ? "pass" : `${problem}`));
}

async function signedByUs(seed: number): Promise<string | undefined> {
  const message = base64(signedWith(randomMail(seededRandom(seed)), seed));
  const answer = await judges.ask("verifyDkim", { message, records, signatures: 2 });
  return JSON.stringify(answer) === "[true,true]" ? undefined : JSON.stringify(answer);
}

/** One byte of the message is another, or there is one more. */
async function changedMessages(seed: number): Promise<string | undefined> {
  const random = seededRandom(seed);
  const message = signedWith(randomMail(random), seed);
  const start = message.indexOf("From:");
  const place = start + Math.floor(random.fraction() * (message.length - start));
  // Not between CR and LF, nor before a colon: python3-dkim counts a bare CR as white space, and
  // knows no blanks there, which RFC 6376 §3.4.2 lets go.
  const at = place + ({ 0x0a: -1, 0x3a: 1 }[message[place] ?? 0] ?? 0);
  const added = Buffer.from(["x", " ", "\t", "\r\n"][seed % 4] ?? "x");
  const other = Buffer.concat([message.subarray(0, at), added, message.subarray(at)]);
  const request = { message: base64(other), records, signatures: 2 };
  const theirs = JSON.stringify(await judges.ask("verifyDkim", request));
  const mine = await ours(other);
  const same = JSON.stringify(mine.map((each) => each === "pass"));
  return same === theirs ? undefined : `${mine.join(", ")} and ${theirs}`;
}

async function signedByPython(seed: number): Promise<string | undefined> {
  const mail = randomMail(seededRandom(seed));
  const index = seed % 2;
  const key = keys[index];
  const field = await judges.ask("signDkim", {
    message: base64(mail),
    domain: key?.domain,
    selector: key?.selector,
    algorithm: key?.algorithm,
    key: index === 0 ? pem(0) : rawPrivateKey(),
    ways: [ways[(seed >> 1) % 2], ways[(seed >> 2) % 2]],
    length: seed % 3 === 0,
  });
  const message = Buffer.concat([Buffer.from(String(field), "base64"), mail]);
  const [result] = await ours(message);
  if (seed % 3 !== 0 || result !== "pass") return result === "pass" ? undefined : result;
  const longer = viewMessage(Buffer.concat([message, Buffer.from("added\r\n")]));
  const [judged] = (await verifyDkim(longer, { resolver: dns, nowMs })).signatures;
  const isCounted = judged?.result === "pass" && judged.unsignedBodyBytes > 0;
  return isCounted ? undefined : `with l=: ${judged?.result}, ${judged?.unsignedBodyBytes} bytes`;
}

/** python3-dkim wants the 32 bytes of an Ed25519 key in base64. */
function rawPrivateKey(): string {
  const whole = keys[1]?.privateKey.export({ format: "der", type: "pkcs8" });
  return (whole?.subarray(-32) ?? Buffer.alloc(0)).toString("base64");
}

async function signedForOpendkim(seed: number): Promise<string | undefined> {
  const mail = Buffer.concat([
    Buffer.from("To: bo@b.example\r\nDate: Mon, 23 Nov 2026 08:00:00 +0000\r\n"),
    randomMail(seededRandom(seed)),
  ]);
  // In its test mode opendkim does not see the blanks behind the colon, which count when simple.
  const options = { nowMs, bodyCanonicalization: ways[seed % 2] ?? "simple" };
  const message = Buffer.concat([
    Buffer.from(signDkim(viewMessage(mail), keys.slice(0, 1), options)),
    mail,
  ]);
  const isGood = await opendkimVerifies(message, records);
  return isGood ? undefined : "opendkim does not verify it";
}

async function sealedByUs(seed: number): Promise<string | undefined> {
  let message: Buffer = randomMail(seededRandom(seed));
  for (let hop = 0; hop <= seed % 3; hop++) {
    const set = sealArc(viewMessage(message), {
      key: rsaKey(),
      chain: hop === 0 ? "none" : "pass",
      results: "mx.example; spf=pass smtp.mailfrom=ana@a.example",
      nowMs,
    });
    message = Buffer.concat([Buffer.from(set ?? ""), message]);
  }
  const answer = await judges.ask("verifyArc", { message: base64(message), records });
  return answer === "pass" ? undefined : String(answer);
}

async function sealedByPython(seed: number): Promise<string | undefined> {
  const mail = Buffer.concat([
    Buffer.from("Authentication-Results: mx.example; arc=none; spf=pass\r\n"),
    randomMail(seededRandom(seed)),
  ]);
  const [key] = keys;
  const set = await judges.ask("signArc", {
    message: base64(mail),
    domain: key?.domain,
    selector: key?.selector,
    key: pem(0),
    server: "mx.example",
  });
  const sealed = Buffer.concat([Buffer.from(String(set), "base64"), mail]);
  const { result, problem } = await verifyArc(viewMessage(sealed), dns);
  return result === "pass" ? undefined : `${result}: ${problem}`;
}

async function sameSpf(seed: number): Promise<string | undefined> {
  const { zone, client } = randomSpfZone(seededRandom(seed));
  const query = { remoteAddress: client, sender: "ana@a.example", helo: "h1.example" };
  const request = { zone, address: client, sender: query.sender, helo: query.helo };
  const theirs = await judges.ask("judgeSpf", request);
  const context = { receiver: "mx.example", nowMs };
  const resolver = createZoneResolver(JSON.parse(JSON.stringify(zone)));
  const mine = await judgeSpf(query, { ...context, resolver });
  if (mine.result === theirs) return undefined;
  return `${mine.result} (${mine.problem ?? mine.matched.join(" ")}) and ${String(theirs)}: ${client} ${JSON.stringify(zone)}`;
}

function installMissing(): void {
  const isInstalled = (name: string) => {
    try {
      const format = ["-W", "-f", "${Status}", name];
      return execFileSync("dpkg-query", format, { stdio: ["ignore", "pipe", "ignore"] })
        .toString()
        .endsWith("installed");
    } catch {
      // dpkg-query fails for a package that it has never seen.
      return false;
    }
  };
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  console.log(`Installing ${missing.join(" ")} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const stdio: ["ignore", 2, 2] = ["ignore", 2, 2];
  const options = { env, stdio };
  execFileSync("apt-get", ["update", "-qq"], options);
  const install = ["install", "-y", "-qq", "--no-install-recommends", ...missing];
  execFileSync("apt-get", install, options);
}
