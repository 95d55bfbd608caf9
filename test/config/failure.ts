/** Runs work that has to fail, and hands over how. */
import { CliError } from '../../src/base/errors.ts';

/** The CliError that the work throws; anything else, or nothing, fails the test. */
export async function failureOf(work: () => unknown): Promise<CliError> {
  let result: unknown;
  try {
    result = await work();
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error(`expected a CliError, got ${JSON.stringify(result)}`);
}
