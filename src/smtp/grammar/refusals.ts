import { Refusal, type Reason } from "../../base/faults.ts";

/** A refusal whose SMTP code the grammar or the command knows better than the general table. */
export class SmtpRefusal extends Refusal {
  override name = "SmtpRefusal";
  readonly code: number;
  readonly status: string;

  constructor(reason: Reason, code: number, status: string, text: string) {
    super(reason, text);
    this.code = code;
    this.status = status;
  }
}

/** RFC 5321 §4.2.2: 501, "syntax error in parameters or arguments". */
export function badArgument(text: string): SmtpRefusal {
  return new SmtpRefusal("syntax", 501, "5.5.4", text);
}
