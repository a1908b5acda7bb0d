import { sleep } from "../../../base/clock.ts";
import { ConnectionLost, Refusal } from "../../../base/faults.ts";
import { messageId } from "../../../base/ids.ts";
import { say } from "../replies.ts";
import type { SelectedState, Session } from "../session.ts";
import { fetchLabel } from "../updates.ts";
import { readBodyItem, sendBodyItem, type BodySource, type BodyValue } from "./body-items.ts";
import type { FetchPlan } from "./fetch-plan.ts";
import { parseStructure, rowFormatter, type FetchedFields } from "./format-row.ts";

/** Messages whose stored fields are read at once. */
const fieldsChunk = 1000;
/** Messages whose bodies are read ahead together. */
const bodiesChunk = 16;
/** Text that is gathered before it goes to the wire, characters. */
const textChunk = 48 * 1024;
/** Other sessions get their turn after this long. */
const turnMs = 8;

/**
 * Answers a FETCH for `rows` (RFC 9051 §7.5.2). Messages that are gone from the store are left
 * out; returns whether there were any.
 */
export async function sendFetch(
  session: Session,
  state: SelectedState,
  rows: Uint32Array,
  plan: FetchPlan,
): Promise<{ readonly isIncomplete: boolean }> {
  if (plan.bodies.length > 0) return sendBodies(session, state, rows, plan);
  if (plan.fields.length > 0) return sendFields(session, state, rows, plan);
  await sendColumns(session, state, rows, plan);
  return { isIncomplete: false };
}

/** Gathers text for the wire, waits when the peer is slow, and lets others have their turn. */
function textWriter(session: Session) {
  const { clock } = session.services;
  let since = clock.monotonicMs();
  return async (text: string) => {
    await session.wire.write(text);
    if (clock.monotonicMs() - since < turnMs) return;
    await sleep(clock, 0);
    since = clock.monotonicMs();
  };
}

async function sendColumns(
  session: Session,
  { view }: SelectedState,
  rows: Uint32Array,
  plan: FetchPlan,
): Promise<void> {
  const write = textWriter(session);
  const format = rowFormatter(view, plan.simple);
  const label = fetchLabel(session, view);
  const noFields = {};
  let text = "";
  for (const row of rows) {
    text += `* ${label(row)} (${format(row, noFields)})\r\n`;
    if (text.length < textChunk) continue;
    await write(text);
    text = "";
  }
  if (text !== "") await write(text);
}

async function sendFields(
  session: Session,
  state: SelectedState,
  rows: Uint32Array,
  plan: FetchPlan,
): Promise<{ readonly isIncomplete: boolean }> {
  const { view } = state;
  const write = textWriter(session);
  const format = rowFormatter(view, plan.simple);
  const label = fetchLabel(session, view);
  let isIncomplete = false;
  let ahead = readFields(state, rows.subarray(0, fieldsChunk), plan);
  for (let at = 0; at < rows.length; at += fieldsChunk) {
    const chunk = rows.subarray(at, at + fieldsChunk);
    const found = await ahead;
    ahead = readAhead(
      readFields(state, rows.subarray(at + fieldsChunk, at + 2 * fieldsChunk), plan),
    );
    let text = "";
    for (const [place, row] of chunk.entries()) {
      const fields = found[place];
      if (fields === undefined) isIncomplete = true;
      else text += `* ${label(row)} (${format(row, fields)})\r\n`;
      if (text.length < textChunk) continue;
      await write(text);
      text = "";
    }
    if (text !== "") await write(text);
  }
  return { isIncomplete };
}

/** Nobody looks at it before the chunk at hand is sent: a fault until then is not unhandled. */
function readAhead<Result>(reading: Promise<Result>): Promise<Result> {
  reading.catch(() => undefined);
  return reading;
}

function readFields(
  { mail, view }: SelectedState,
  rows: Uint32Array,
  plan: FetchPlan,
): Promise<readonly (FetchedFields | undefined)[]> {
  if (rows.length === 0) return Promise.resolve([]);
  const ids = Array.from(rows, (row) => messageId(view.columns.messageIds[row] ?? 0));
  return mail.messages(ids, plan.fields);
}

/** One message whose body items have been read, or refused. */
interface Prepared {
  readonly row: number;
  readonly fields: FetchedFields;
  readonly source: BodySource;
  readonly values: readonly BodyValue[];
  /** Of the budget that all sessions share. */
  readonly heldBytes: number;
}

async function sendBodies(
  session: Session,
  state: SelectedState,
  rows: Uint32Array,
  plan: FetchPlan,
): Promise<{ readonly isIncomplete: boolean }> {
  const { wire } = session;
  const format = rowFormatter(state.view, plan.simple);
  const label = fetchLabel(session, state.view);
  let isIncomplete = false;
  const chunk = plan.decodes ? 1 : Math.max(1, Math.floor(bodiesChunk / plan.bodies.length));
  let ahead = prepare(session, state, rows.subarray(0, chunk), plan);
  for (let at = 0; at < rows.length; at += chunk) {
    const prepared = await ahead;
    const next = rows.subarray(at + chunk, at + 2 * chunk);
    ahead = readAhead(prepare(session, state, next, plan));
    for (const message of prepared) {
      if (message === undefined) {
        isIncomplete = true;
        continue;
      }
      const simple = format(message.row, message.fields);
      say(session, `* ${label(message.row)} (${simple}`);
      for (const [place, item] of plan.bodies.entries()) {
        const value = message.values[place];
        if (value === undefined) throw new Refusal("bug", "Internal error.", "value not read");
        if (place > 0 || simple !== "") say(session, " ");
        await sendBodyItem(session, message.source, item.label, value);
      }
      await wire.write(")\r\n");
      releaseBytes(session, message.heldBytes);
    }
  }
  return { isIncomplete };
}

async function prepare(
  session: Session,
  state: SelectedState,
  rows: Uint32Array,
  plan: FetchPlan,
): Promise<readonly (Prepared | undefined)[]> {
  if (rows.length === 0) return [];
  const found = await readFields(state, rows, plan);
  return Promise.all(
    Array.from(rows, async (row, place) => {
      const fields = found[place];
      if (fields?.body === undefined) return undefined;
      let heldBytes = 0;
      const source: BodySource = {
        mail: state.mail,
        body: fields.body,
        sizeBytes: fields.body.prefix.length + fields.body.bodyBytes,
        structure: fields.structure === undefined ? undefined : parseStructure(fields.structure),
        hold(bytes) {
          holdBytes(session, bytes, heldBytes);
          heldBytes += bytes;
        },
      };
      const values: BodyValue[] = [];
      for (const item of plan.bodies) values.push(await readBodyItem(source, item));
      return { row, fields, source, values, heldBytes };
    }),
  );
}

/** What is held when a FETCH fails is given back with the command's literals. */
function holdBytes(session: Session, bytes: number, alreadyHeld: number): void {
  const { budget, limits } = session.services;
  // Reading ahead may go on for a moment when the session is over, and nobody would give back.
  if (session.state.phase === "logout") throw new ConnectionLost("the session is over");
  if (alreadyHeld + bytes > limits.heldBytesPerMessageMax) {
    throw new Refusal("limit", "Too much of a message is asked for at once; fetch it in pieces.");
  }
  if (!budget.tryTake(bytes)) {
    throw new Refusal("unavailable", "The server holds too much mail at the moment; try again.");
  }
  session.heldBytes += bytes;
}

function releaseBytes(session: Session, bytes: number): void {
  session.heldBytes -= bytes;
  session.services.budget.giveBack(bytes);
}
