/** A check and the list of checks. It checks nothing itself. */

import { toCliError } from '../../base/error-document.ts';
import type { CliError } from '../../base/errors.ts';

export interface Check {
  name: string;
  ok: boolean;
  /** Calls work, but this needs attention. */
  warning: boolean;
  /** One line, without a final period. */
  detail: string;
}

/** What a check found, for the next checks and for the user. */
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

  /** `advise` adds the next step to an error. */
  constructor(advise: (error: CliError) => CliError) {
    this.#advise = advise;
  }

  /** The result of the check; null when it failed, so that dependent checks are skipped. */
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
