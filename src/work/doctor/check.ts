/** A check and the list of checks. It checks nothing itself. */

import { toCliError } from '../../base/error-document.ts';
import type { CliError } from '../../base/errors.ts';
import { redact } from '../../base/redact.ts';
import { errorWithoutKey } from '../redact-key.ts';

export interface Check {
  name: string;
  ok: boolean;
  /** Calls work, but this needs attention. */
  warning: boolean;
  /** One line, without a final period. */
  detail: string;
  /** It was not tried; `detail` says why. */
  skipped?: true;
}

/** What a check found, for the next checks and for the user. */
export interface Found<T> {
  value: T;
  detail: string;
  warnings?: readonly string[];
}

export class Checks {
  all: Check[] = [];
  /** The first failure: it decides the exit code. */
  failed: CliError | null = null;
  readonly #advise: (error: CliError) => CliError;

  /** `advise` adds the next step to an error. */
  constructor(advise: (error: CliError) => CliError) {
    this.#advise = advise;
  }

  /** Takes the key out of what was found: a server may repeat it. */
  conceal(key: string | null): void {
    this.all = this.all.map((check) => ({ ...check, detail: redact(check.detail, key) }));
    if (this.failed !== null) this.failed = errorWithoutKey(this.failed, key);
  }

  /** Nothing was tried, and nothing is wrong. */
  skip(name: string, why: string): void {
    this.all.push({ name, ok: true, warning: false, detail: why, skipped: true });
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
