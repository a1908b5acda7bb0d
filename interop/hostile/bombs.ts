/** A message that is made to cost its reader much. */
export interface Bomb {
  readonly name: string;
  /** Head and body with CRLF; no line begins with a dot. Made when asked for, as most are large. */
  readonly make: () => string;
}

const mebibyte = 2 ** 20;

export const bombs: readonly Bomb[] = [
  { name: "100,000 header fields", make: () => head(repeat(100_000, (n) => `X-F${n}: ${n}`)) },
  { name: "one header line of 10 MB", make: () => head(`X-Long: ${"a".repeat(10 * mebibyte)}`) },
  {
    name: "one header field of 10 MB, folded",
    make: () => head(`Subject: a\r\n${" aaaaaaaaa bbbbbbbbb\r\n".repeat(480_000)} end`),
  },
  { name: "2 MB of commas in Cc", make: () => head(`Cc: ${fold(",".repeat(2 * mebibyte))}`) },
  { name: "2 MB of brackets in Cc", make: () => head(`Cc: ${fold("(".repeat(2 * mebibyte))}`) },
  {
    name: "2 MB of angles, quotes, backslashes in To",
    make: () => head(`To: ${fold('<"\\'.repeat(700_000))}`),
  },
  { name: "300,000 groups in To", make: () => head(`To: ${fold("g:a@b,;".repeat(300_000))}`) },
  {
    name: "100,000 addresses in To",
    make: () => head(`To: ${fold("a <a@b.c>, ".repeat(100_000))}`),
  },
  {
    name: "100,000 RFC 2231 pieces of one parameter",
    make: () =>
      head(`Content-Type: text/plain;\r\n ${repeat(100_000, (n) => `name*${n}*=%61;`, "\r\n ")}`),
  },
  {
    name: "RFC 2231 with numbers of 900 digits",
    make: () =>
      head(
        `Content-Type: text/plain;\r\n ${repeat(500, (n) => `n*${"9".repeat(900)}${n}*=a;`, "\r\n ")}`,
      ),
  },
  {
    name: "100,000 encoded words in Subject",
    make: () => head(`Subject: ${fold("=?utf-8?q?a?= ".repeat(100_000))}`),
  },
  { name: "2 MB of =? in Subject", make: () => head(`Subject: ${fold("=?".repeat(mebibyte))}`) },
  {
    name: "100,000 references",
    make: () => head(`References: ${repeat(100_000, (n) => `<${n}@a.b>`, "\r\n ")}`),
  },
  {
    name: "a megabyte of brackets in Date",
    make: () => head(`Date: ${fold("(".repeat(mebibyte))}`),
  },
  {
    name: "a charset with a name of a megabyte",
    make: () => head(`Content-Type: text/plain; charset="${fold("x".repeat(mebibyte))}"`, "čćž"),
  },
  { name: "10,000 multiparts in each other", make: () => nestedMultiparts(10_000) },
  { name: "10,000 messages in each other", make: nestedMessages },
  { name: "100,000 parts", make: manyParts },
  { name: "boundaries that begin alike", make: boundaryPrefixes },
  {
    name: "a boundary of 1 MB",
    make: () => multipart("b".repeat(mebibyte), `--${"b".repeat(70)}\r\n\r\na\r\n`),
  },
  {
    name: "4 MB of broken base64",
    make: () => head("Content-Transfer-Encoding: base64", "=AA=\r\n".repeat(700_000)),
  },
  {
    name: "4 MB of broken quoted-printable",
    make: () =>
      head("Content-Transfer-Encoding: quoted-printable", "=\r\n=4=\t \r\n".repeat(400_000)),
  },
  {
    name: "8 MB of line ends, uuencoded",
    make: () => head("Content-Transfer-Encoding: x-uuencode", "\r\n".repeat(4 * mebibyte)),
  },
  { name: "2 MB of < in HTML", make: () => html("<".repeat(2 * mebibyte)) },
  { name: "2 MB of comments in HTML", make: () => html("<!--<!".repeat(350_000)) },
  { name: "2 MB of entities in HTML", make: () => html("&#&#x&amp".repeat(230_000)) },
  { name: "200,000 nested elements in HTML", make: () => html("<div><p a='".repeat(200_000)) },
];

function head(field: string, body = "Hello."): string {
  return `From: a@elsewhere.test\r\n${field}\r\nMIME-Version: 1.0\r\n\r\n${body}`;
}

function repeat(count: number, make: (index: number) => string, joint = "\r\n"): string {
  return Array.from({ length: count }, (_, index) => make(index)).join(joint);
}

/** Folds by 900 characters, so that no line is too long for SMTP. */
function fold(text: string): string {
  return text.replaceAll(/.{900}/g, "$&\r\n ");
}

/** Lines of 900 characters. */
function html(text: string): string {
  return head("Content-Type: text/html; charset=utf-8", text.replaceAll(/.{900}/g, "$&\r\n"));
}

function multipart(boundary: string, body: string): string {
  return head(`Content-Type: multipart/mixed; boundary="${boundary}"`, body);
}

function nestedMultiparts(depth: number): string {
  const inner = repeat(
    depth,
    (n) => `--b${n}\r\nContent-Type: multipart/mixed; boundary=b${n + 1}\r\n`,
  );
  return multipart("b0", `${inner}\r\nHello.`);
}

function nestedMessages(): string {
  return head(
    "Content-Type: message/rfc822",
    `${"Content-Type: message/rfc822\r\n\r\n".repeat(10_000)}Subject: in\r\n\r\nHello.`,
  );
}

function manyParts(): string {
  return multipart("b", "--b\r\nContent-Type: text/plain\r\n\r\na\r\n".repeat(100_000));
}

/** Sixty open multiparts, each boundary the beginning of the next, and lines that are none. */
function boundaryPrefixes(): string {
  const boundary = (n: number) => "a".repeat(n + 1);
  const open = repeat(
    60,
    (n) => `--${boundary(n)}\r\nContent-Type: multipart/mixed; boundary=${boundary(n + 1)}\r\n`,
  );
  const near = `--${"a".repeat(69)}b\r\n--${"a".repeat(80)}\r\n--\r\n`;
  return multipart(boundary(0), `${open}\r\n${near.repeat(15_000)}`);
}
