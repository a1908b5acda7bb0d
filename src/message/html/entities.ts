/** Named character references that mail uses; the others stay as they are written. */
const named: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
    nbsp: "\u00a0",
    shy: "",
    zwnj: "",
    zwj: "",
    zwsp: "",
    ensp: " ",
    emsp: " ",
    thinsp: " ",
    hellip: "…",
    mdash: "—",
    ndash: "–",
    lsquo: "‘",
    rsquo: "’",
    sbquo: "‚",
    ldquo: "“",
    rdquo: "”",
    bdquo: "„",
    laquo: "«",
    raquo: "»",
    lsaquo: "‹",
    rsaquo: "›",
    bull: "•",
    middot: "·",
    euro: "€",
    pound: "£",
    cent: "¢",
    yen: "¥",
    copy: "©",
    reg: "®",
    trade: "™",
    sect: "§",
    para: "¶",
    deg: "°",
    plusmn: "±",
    times: "×",
    divide: "÷",
    frac12: "½",
    frac14: "¼",
    frac34: "¾",
    larr: "←",
    rarr: "→",
    scaron: "š",
    Scaron: "Š",
    zcaron: "ž",
    Zcaron: "Ž",
    ccaron: "č",
    Ccaron: "Č",
    cacute: "ć",
    Cacute: "Ć",
    dstrok: "đ",
    Dstrok: "Đ",
    lstrok: "ł",
    Lstrok: "Ł",
    oelig: "œ",
    OElig: "Œ",
    szlig: "ß",
    aelig: "æ",
    AElig: "Æ",
    oslash: "ø",
    Oslash: "Ø",
    eth: "ð",
    ETH: "Ð",
    thorn: "þ",
    THORN: "Þ",
    iexcl: "¡",
    iquest: "¿",
  }),
);

/** `&eacute;` and its kin: a letter and the name of its accent. */
const accents: ReadonlyMap<string, string> = new Map([
  ["grave", "\u0300"],
  ["acute", "\u0301"],
  ["circ", "\u0302"],
  ["tilde", "\u0303"],
  ["uml", "\u0308"],
  ["ring", "\u030a"],
  ["caron", "\u030c"],
  ["cedil", "\u0327"],
  ["ogon", "\u0328"],
  ["dot", "\u0307"],
]);

/** Numbers of 0x80 to 0x9F mean Windows-1252 in HTML. */
const windows1252 = new TextDecoder("windows-1252");

/** Replaces character references by their characters. */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,9}));?/g,
    (whole: string, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return named.get(name) ?? accented(name) ?? whole;
      return characterOf(decimal === undefined ? Number.parseInt(hex ?? "0", 16) : Number(decimal));
    },
  );
}

function accented(name: string): string | undefined {
  const accent = accents.get(name.slice(1));
  return accent === undefined ? undefined : (name.charAt(0) + accent).normalize("NFC");
}

function characterOf(code: number): string {
  if (code >= 0x80 && code <= 0x9f) return windows1252.decode(Uint8Array.of(code));
  const isScalar = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isScalar ? String.fromCodePoint(code) : "\ufffd";
}
