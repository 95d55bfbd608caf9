/** What a check is, and the list that they make. It looks at nothing itself. */

import { toCliError } from '../../base/error-document.ts';
import type { CliError } from '../../base/errors.ts';

export interface Check {
  name: string;
  ok: boolean;
  /** Calls work, and yet somebody should look at it. */
  warning: boolean;
  /** One line, without a final period. */
  detail: string;
}

/** What a check found, for the next ones and for the person. */
export interface Found<T> {
  value: T;
  detail: string;
  warnings?: readonly string[];
}

export class Checks {
  readonly all: Check[] = [];
  /** The first failure: it decides the exit code. */
  failed: CliError | null = null;
  readonly #advise: (error: CliError) => CliError;

  /** `advise` adds to an error what to do about it. */
  constructor(advise: (error: CliError) => CliError) {
    this.#advise = advise;
  }

  /** What the work found; null when it failed, so that what depends on it is not tried. */
  async run<T>(name: string, work: () => Found<T> | Promise<Found<T>>): Promise<T | null> {
    try {
      const { value, detail, warnings = [] } = await work();
      const words = [detail, ...warnings].filter((part) => part !== '').join('; ');
      this.all.push({ name, ok: true, warning: warnings.length > 0, detail: words });
      return value;
    } catch (thrown) {
      const error = this.#advise(toCliError(thrown));
      this.failed ??= error;
      this.all.push({ name, ok: false, warning: false, detail: error.message });
      return null;
    }
  }
}
