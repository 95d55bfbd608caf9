/** A network that is switched off, as in an agent's sandbox: how it is detected, and the advice then. It connects to nothing. */

import { isLoopback } from '../base/loopback.ts';
import type { NextStep } from '../base/next-step.ts';

/** Codex sets it where it lets no command connect. */
export const NETWORK_OFF_VARIABLE = 'CODEX_SANDBOX_NETWORK_DISABLED';

/** Around what fetch threw, where the environment says that the network is off. */
export class NetworkOff extends Error {
  constructor(cause: unknown) {
    super('the network is switched off here', { cause });
    this.name = 'NetworkOff';
  }
}

/** What a blocked connection looks like. A firewall that swallows packets looks like a slow server and cannot be distinguished. */
const blockedCodes: readonly string[] = [
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'],
  ...['EPERM', 'EACCES', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN'],
];

/** Whether the system itself refuses to connect: a retry is of no use until it is allowed. */
export function isSwitchedOff(error: Error & { details: { code?: string | undefined } }): boolean {
  const { code } = error.details;
  return code === 'EPERM' || code === 'EACCES' || error.cause instanceof NetworkOff;
}

function allow(first: string): readonly NextStep[] {
  return [
    { do: 'retry', first },
    { do: 'set-flag', flag: '--gateway', value: 'sandbox', why: 'try it without a network' },
  ];
}

/**
 * What to do, or undefined where nothing indicates a blocked network. `origin`: of the request; `code`: of the system;
 * `port`: where the connection went, which is another than the origin's when it went to a proxy.
 */
export function blockedSteps(
  error: unknown,
  origin: string,
  { code, port, proxyStatus }: { code?: string; port?: unknown; proxyStatus?: string | undefined },
): readonly NextStep[] | undefined {
  const target = new URL(origin);
  if (isLoopback(target.hostname)) return undefined;
  if (error instanceof NetworkOff)
    return allow('Codex has switched the network off for this command: allow network access');
  if (proxyStatus === '403')
    return allow(
      `the proxy refuses ${target.hostname}; if an agent's sandbox has set it, allow the host there`,
    );
  const usual = target.protocol === 'http:' ? '80' : '443';
  const isAtProxy = port !== undefined && String(port) !== (target.port || usual);
  if (code === 'ECONNREFUSED' && isAtProxy)
    return allow(
      "check the proxy in HTTPS_PROXY; if an agent's sandbox has set it, allow network access there",
    );
  if (code === undefined || !blockedCodes.includes(code)) return undefined;
  return allow(
    'check the connection; if an agent runs this, its sandbox may have the network off: allow it there',
  );
}
