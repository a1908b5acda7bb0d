import { Refusal } from "../../../base/faults.ts";
import { defineRow } from "../../../protocol/rows.ts";
import { badArgument, SmtpRefusal } from "../../grammar/refusals.ts";
import { reply } from "../../grammar/reply.ts";
import { finishMessage } from "../finish-message.ts";
import { MessageBuffer } from "../message-buffer.ts";
import { receiveData } from "../receive-data.ts";
import type { SmtpSession } from "../session.ts";

export const data = defineRow<SmtpSession, string, undefined>({
  verb: "DATA",
  rfc: "RFC 5321 §4.1.1.4",
  phases: ["rcpt"],
  endsPipeline: true,
  parse(argument) {
    if (argument !== "") throw badArgument("DATA has no argument.");
    return undefined;
  },
  async run(session) {
    const { state, services, wire } = session;
    if (state.phase !== "rcpt") throw new Refusal("badState", "Say RCPT first.");
    const { transaction } = state;
    if (transaction.mail.bodyKind === "binarymime") {
      // RFC 3030 §3: a binary message has no line ends that DATA could be found by.
      throw new SmtpRefusal("badState", 503, "5.5.1", "BINARYMIME needs BDAT.");
    }
    // RFC 2920 §3.1: data before our 354 is not a mail program's way.
    const early = wire.bufferedBytes;
    if (early > 0) transaction.recorder.add("smtp.earlyTalker", { before: "354", bytes: early });
    session.answer(reply(354, undefined, "Send the message; end it with CRLF.CRLF"));
    using buffer = new MessageBuffer(services.budget, services.limits.messageBytesMax);
    const hasEnd = await receiveData(session, buffer);
    if (hasEnd) await finishMessage(session, transaction, buffer);
  },
});
