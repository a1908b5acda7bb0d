/** RFC 3461 §4: characters that stand for themselves in xtext: "!" to "~" except "+" and "=". */
const isXtext = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/;

/**
 * Decodes xtext to the characters that it stands for, one per octet.
 * @returns undefined when it is not xtext. Lower-case hexadecimal is refused, as the RFC says.
 */
export function parseXtext(text: string): string | undefined {
  if (!isXtext.test(text)) return undefined;
  if (!text.includes("+")) return text;
  return text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Encodes characters below U+0100 as xtext. */
export function formatXtext(text: string): string {
  return text.replace(
    /[^!-*,-<>-~]/g,
    (character) =>
      `+${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0").slice(-2)}`,
  );
}
