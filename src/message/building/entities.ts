import { isAscii } from "node:buffer";
import { asBuffer, concat, fromUtf8 } from "../../base/bytes.ts";
import { formatParameter } from "../parameters.ts";
import { encodeBase64, encodeQuotedPrintable } from "../transfer-encoding.ts";
import { formatHeaderField } from "./header-fields.ts";

/** A MIME entity: its Content- fields with CRLF ends, and its encoded body. */
export interface Entity {
  readonly header: string;
  readonly body: Uint8Array;
}

const LINE_LENGTH_MAX = 78;

export function bytesOf(entity: Entity): Uint8Array {
  return concat([fromUtf8(`${entity.header}\r\n`), entity.body]);
}

/** Text: as it is when it is ASCII in short lines, else whichever encoding is shorter. */
export function textEntity(text: string, subtype: string): Entity {
  const lines = text.replace(/\r\n|\r|\n/g, "\r\n");
  const ended = lines === "" || lines.endsWith("\r\n") ? lines : `${lines}\r\n`;
  const bytes = fromUtf8(ended);
  const isPlain =
    isAscii(bytes) &&
    !ended.includes("\0") &&
    !/(?:^|\n)(?:From |\.)|[ \t]\r\n/.test(ended) &&
    ended.split("\r\n").every((line) => line.length <= LINE_LENGTH_MAX);
  const charset = isAscii(bytes) ? "us-ascii" : "utf-8";
  const type = formatHeaderField("Content-Type", `text/${subtype}; charset=${charset}`);
  if (isPlain) {
    return { header: `${type}${encodingField("7bit")}`, body: bytes };
  }
  const quoted = encodeQuotedPrintable(bytes);
  // Base64 takes 37 bytes for 27; quoted-printable stays readable, so it may cost a little more.
  return quoted.length <= bytes.length * 1.6
    ? { header: `${type}${encodingField("quoted-printable")}`, body: quoted }
    : { header: `${type}${encodingField("base64")}`, body: encodeBase64(bytes) };
}

export function attachmentEntity(attachment: {
  readonly fileName: string;
  readonly contentType?: string;
  readonly content: Uint8Array;
  readonly contentId?: string;
}): Entity {
  const { fileName, contentType, content, contentId } = attachment;
  const isType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(contentType ?? "");
  const type = isType ? contentType : "application/octet-stream";
  const disposition = contentId === undefined ? "attachment" : "inline";
  const header = [
    formatHeaderField("Content-Type", `${type}${formatParameter("name", fileName)}`),
    encodingField("base64"),
    formatHeaderField("Content-Disposition", disposition + formatParameter("filename", fileName)),
    contentId === undefined ? "" : formatHeaderField("Content-ID", `<${contentId}>`),
  ];
  return { header: header.join(""), body: encodeBase64(content) };
}

/** Joins parts; the boundary is changed until no part contains it. */
export function multipartEntity(
  subtype: string,
  parts: readonly Entity[],
  seed: string,
  params = "",
): Entity {
  const bodies = parts.map(bytesOf);
  let boundary = `=_${seed}`; // "=_" occurs in neither quoted-printable nor base64
  for (let round = 0; bodies.some((body) => asBuffer(body).includes(`--${boundary}`)); round++) {
    boundary = `=_${seed}_${round}`;
  }
  const pieces = bodies.flatMap((body, index) => [
    fromUtf8(`${index === 0 ? "" : "\r\n"}--${boundary}\r\n`),
    body,
  ]);
  const type = `multipart/${subtype}${params}; boundary="${boundary}"`;
  return {
    header: formatHeaderField("Content-Type", type),
    body: concat([...pieces, fromUtf8(`\r\n--${boundary}--\r\n`)]),
  };
}

export function encodingField(encoding: string): string {
  return `Content-Transfer-Encoding: ${encoding}\r\n`;
}
