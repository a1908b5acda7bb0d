import { sleep } from "../../base/clock.ts";
import type { Dice } from "../dice.ts";
import { remoteNames, senderDomains } from "../remotes/elsewhere.ts";
import type { Fate, Sending } from "../world/ledger.ts";
import { writeLetter } from "../world/letters.ts";
import { aliases, ourDomain, people } from "../world/people.ts";
import type { Stage } from "../world/stage.ts";
import { visitSmtp, type SmtpErrand } from "./smtp-visit.ts";

const minute = 60_000;
/** Then the sender's own server gives up. */
const attemptsMax = 60;

/** Everybody who sends: each letter is an actor that goes on until it is settled. */
export function startSenders(stage: Stage): Promise<void>[] {
  const { plan } = stage;
  const range = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
  return [
    ...range(plan.mxLetters).map((n) => sendLetter(stage, `m${n}`, mxErrand)),
    ...range(plan.submittedLetters).map((n) => sendLetter(stage, `s${n}`, submissionErrand)),
    ...range(plan.lmtpLetters).map((n) => sendLetter(stage, `l${n}`, lmtpErrand)),
  ];
}

type Draft = Omit<SmtpErrand, "letter" | "dice">;

const ourNames: readonly string[] = [
  ...people.map(({ address }) => address),
  ...[...aliases.keys()].map((alias) => (alias.startsWith("@") ? `whoever${alias}` : alias)),
  `ana+shop@${ourDomain}`,
];

function mxErrand(dice: Dice): Draft {
  const domain = dice.pick(senderDomains);
  const sender = dice.chance(0.1) ? "" : `writer${dice.between(1, 4)}@${domain}`;
  const recipients = dice.sample(ourNames, dice.spread(1, 6));
  // Who does not log in may not send elsewhere; to be refused, and nothing else.
  if (dice.chance(0.1)) recipients.push("ivo@good.test");
  const from = `198.51.100.${dice.between(100, 120)}`;
  return { door: "mx", from, person: undefined, sender, recipients, notify: undefined };
}

function submissionErrand(dice: Dice): Draft {
  const person = dice.pick(people);
  const names = [...remoteNames, ...remoteNames, ...ourNames];
  return {
    door: dice.pick(["submission", "submissions"] as const),
    from: `203.0.113.${dice.between(1, 20)}`,
    person,
    sender: dice.chance(0.05) ? "" : person.address,
    recipients: [...new Set(dice.sample(names, dice.spread(1, 8)))],
    notify: dice.pick([undefined, undefined, "NEVER", "SUCCESS,FAILURE", "FAILURE,DELAY"]),
  };
}

function lmtpErrand(dice: Dice): Draft {
  return {
    door: "lmtp",
    from: "192.0.2.9",
    person: undefined,
    sender: `writer@${dice.pick(senderDomains)}`,
    recipients: dice.sample(ourNames, dice.between(1, 4)),
    notify: undefined,
  };
}

/** Sends one letter, again and again as real senders do, until every recipient is settled. */
async function sendLetter(
  stage: Stage,
  token: string,
  draft: (dice: Dice) => Draft,
): Promise<void> {
  const { clock, ledger, plan, trace } = stage;
  const dice = stage.dice.fork(`letter ${token}`);
  const errand = draft(dice);
  const letter = writeLetter(dice, token, errand.sender);
  const sending: Sending = {
    token,
    via: errand.door === "submissions" ? "submission" : errand.door,
    sender: errand.sender,
    recipients: errand.recipients,
    bytes: letter.bytes,
    notify: errand.notify,
    attempts: [],
  };
  ledger.sendings.set(token, sending);
  await sleep(clock, dice.between(0, plan.busyMs));
  let open = errand.recipients;
  while (open.length > 0 && sending.attempts.length < attemptsMax) {
    trace.add(token, `is sent from <${errand.sender}> to ${open.join(", ")}`);
    const fates = await visitSmtp(stage, { ...errand, letter, dice, recipients: open });
    sending.attempts.push(fates);
    open = open.filter((recipient) => !isSettled(fates.get(recipient)));
    const tries = sending.attempts.length;
    if (open.length > 0) await sleep(clock, dice.between(1, Math.min(5 * tries, 30)) * minute);
  }
}

function isSettled(fate: Fate | undefined): boolean {
  if (fate === undefined || fate.kind === "unknown") return false;
  return fate.kind === "acknowledged" || fate.code >= 500;
}
