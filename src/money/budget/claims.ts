/** What each part of a job has claimed of a total that they share, as it stands in their file. It changes nothing. */
import type { Deps } from '../../base/deps.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { asObject, type JsonObject } from '../../base/json.ts';
import type { Holder } from '../../base/process-state.ts';
import { parseDecimal } from '../decimal.ts';

/** Of a file with the most parts that share one. */
const MAX_BYTES = 1024 * 1024;

/** Of one part. Amounts are USD, decimal strings. */
export interface Claim extends Holder {
  job: string;
  claimed: string;
  /** As far as it was known when this was written. */
  spent: string;
  /** It needs more, and what others do not use is in its way. */
  waits: boolean;
  /** Milliseconds since 1970, UTC. */
  at: number;
}

/** By the index of the part, from 0. */
export type Claims = Record<string, Claim>;

/** An empty object where there is no file. Throws `CliError` local_io where it cannot be read as claims; rejects with the system's error. */
export async function readClaims(path: string, { files }: Pick<Deps, 'files'>): Promise<Claims> {
  let bytes: Uint8Array;
  try {
    bytes = await files.read(path, MAX_BYTES);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return {};
    throw error;
  }
  const claims = claimsIn(new TextDecoder().decode(bytes));
  if (claims !== null) return claims;
  // As if nobody had spent anything: that is not for us to say.
  throw new CliError(
    'local_io',
    `${path} does not say what the parts of a batch have spent; nothing was sent`,
    {
      code: 'bad_state',
      billed: 'no',
      next: { do: 'say', words: 'when no part runs, rename it and run each part again' },
    },
  );
}

function claimsIn(text: string): Claims | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const state = asObject(json);
  const claims = asObject(state?.claims);
  if (state?.v !== 1 || claims === null) return null;
  const areAll = Object.values(claims).every((one) => isClaim(asObject(one)));
  return areAll ? { ...(claims as unknown as Claims) } : null;
}

function isClaim(one: JsonObject | null): boolean {
  if (one === null || typeof one.at !== 'number' || typeof one.pid !== 'number') return false;
  const { mark, space, job, claimed, spent } = one;
  return (
    [mark, space, job].every((text) => typeof text === 'string') &&
    [claimed, spent].every((amount) => typeof amount === 'string' && parseDecimal(amount) !== null)
  );
}

/** The text of the file. */
export function claimsText(claims: Claims): string {
  return `${JSON.stringify({ v: 1, claims })}\n`;
}
