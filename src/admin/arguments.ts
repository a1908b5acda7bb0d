import { Refusal } from "../base/faults.ts";

/** Arguments of an operation as they came: plain JSON from a socket or a command line. */
export class Arguments {
  readonly #values: ReadonlyMap<string, unknown>;

  /** @throws Refusal `syntax` when `values` is not an object or has a name that is not known. */
  constructor(values: unknown, names: readonly string[]) {
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
      throw new Refusal("syntax", "Arguments must be a JSON object.");
    }
    this.#values = new Map(Object.entries(values));
    for (const name of this.#values.keys()) {
      if (!names.includes(name)) throw new Refusal("syntax", `There is no argument ${name}.`);
    }
  }

  text(name: string): string {
    const value = this.findText(name);
    if (value === undefined) throw new Refusal("syntax", `${name} is missing.`);
    return value;
  }

  findText(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined || typeof value === "string") return value;
    throw new Refusal("syntax", `${name} must be text.`);
  }

  whole(name: string): number {
    const value = this.findWhole(name);
    if (value === undefined) throw new Refusal("syntax", `${name} is missing.`);
    return value;
  }

  findWhole(name: string): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw new Refusal("syntax", `${name} must be a whole number.`);
  }

  findFlag(name: string): boolean {
    const value = this.#values.get(name);
    if (value === undefined) return false;
    if (typeof value === "boolean") return value;
    throw new Refusal("syntax", `${name} must be true or false.`);
  }

  texts(name: string): readonly string[] {
    const value = this.#values.get(name);
    const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
    if (isList && value.length > 0) return value;
    throw new Refusal("syntax", `${name} must be a list of texts.`);
  }
}
