import { assert } from "../../base/assert.ts";
import { fromLatin1 } from "../../base/bytes.ts";
import { findContentFacts } from "./content-facts.ts";
import { fitContent } from "./fit-content.ts";

/** What is rewritten is fit for the server that it is rewritten for, whatever the message. */
export function fuzz(bytes: Uint8Array): void {
  for (const allows8Bit of [false, true]) {
    const fitted = fitContent(bytes, allows8Bit);
    if (fitted === undefined) continue;
    const { isBinary, has8Bit } = findContentFacts(fitted);
    assert(!isBinary && (allows8Bit || !has8Bit), "a rewritten message is fit");
    assert(fitted.length <= 4 * bytes.length + 1000, "a rewritten message is not much longer");
  }
}

export const seeds: readonly Uint8Array[] = [
  "MIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xe8\r\n",
  "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n\xe8\r\n--b\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\n\r\n--b--\r\n",
  "MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xe8",
  "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\xe8\r\n--b--\r\n",
].map((text) => fromLatin1(text));
