/** What the fuzz worker is asked to do. */
export interface FuzzOrder {
  readonly files: readonly string[];
  readonly seed: number;
  /** Mutated inputs per target. */
  readonly runs: number;
  /** Milliseconds after which a target gets no further mutated inputs. */
  readonly budgetMs: number;
  /** Milliseconds that one input may take. */
  readonly inputMsMax: number;
  /** Folder of inputs that failed before; they are run first. */
  readonly failureFolder: string;
  /** Number of inputs begun, length of the current one (32 bits each), and its bytes. */
  readonly shared: SharedArrayBuffer;
}

/** Stands for the length of the current input while a target is being loaded. */
export const loadingLength = -1;

/** How one target ended: with `failure` and the input that caused it, or well. */
export interface FuzzOutcome {
  readonly file: string;
  readonly runs: number;
  readonly input?: Uint8Array;
  readonly failure?: string;
}

/** How the names of files with failing inputs of a target begin. */
export function failurePrefix(file: string): string {
  return `${file.replace(/\.fuzz\.ts$/, "").replaceAll("/", "-")}--`;
}
