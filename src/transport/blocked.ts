/** A network that is switched off, as in an agent's sandbox: how it is detected, and the advice then. It connects to nothing. */

import { allowNetwork, isNetworkOff, type SandboxHost, sandboxHost } from '../base/host-sandbox.ts';
import { isLoopback } from '../base/loopback.ts';
import type { NextStep } from '../base/next-step.ts';

/** Around why a request never left, where an agent host runs this command. */
export class InSandbox extends Error {
  readonly host: SandboxHost;
  /** The host says that the network is off. */
  readonly isOff: boolean;

  constructor(cause: unknown, host: SandboxHost, isOff: boolean) {
    super('the request did not leave the sandbox of an agent host', { cause });
    this.name = 'InSandbox';
    this.host = host;
    this.isOff = isOff;
  }
}

/** `error` as it is, or around it what the environment says of a sandbox. */
export function inSandbox(error: Error, env: Readonly<Record<string, string | undefined>>): Error {
  const host = sandboxHost(env);
  return host === null ? error : new InSandbox(error, host, isNetworkOff(env));
}

/** What a blocked connection looks like. A firewall that swallows packets looks like a slow server and cannot be distinguished. */
const blockedCodes: readonly string[] = [
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'],
  ...['EPERM', 'EACCES', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'ERR_ACCESS_DENIED'],
];

/** The system refuses, whatever listens there. */
const forbiddenCodes: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'ERR_ACCESS_DENIED']);

/** What a connection within this machine cannot fail with where there is a loopback interface. */
const noLoopbackCodes: ReadonlySet<string> = new Set([
  ...forbiddenCodes,
  ...['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL'],
]);

/** Whether the system itself refuses to connect: a retry is of no use until it is allowed. */
export function isSwitchedOff(error: Error & { details: { code?: string | undefined } }): boolean {
  const { code } = error.details;
  return (
    (code !== undefined && forbiddenCodes.has(code)) ||
    (error.cause instanceof InSandbox && error.cause.isOff)
  );
}

const withoutNetwork: NextStep = {
  do: 'set-flag',
  flag: '--gateway',
  value: 'sandbox',
  why: 'try it without a network',
};

/**
 * What to do, or undefined where nothing indicates a blocked network. `origin`: of the request; `code`: of the system;
 * `port`: where the connection went, which is another than the origin's when it went to a proxy.
 */
export function blockedSteps(
  error: unknown,
  origin: string,
  { code, port, proxyStatus }: { code?: string; port?: unknown; proxyStatus?: string | undefined },
): readonly NextStep[] | undefined {
  const { hostname, protocol, port: ownPort } = new URL(origin);
  const host = error instanceof InSandbox ? error.host : null;
  const again = (first: string, more: readonly NextStep[] = []): readonly NextStep[] => {
    if (host === null) return [{ do: 'retry', first }, ...more];
    const setting = allowNetwork(host, hostname);
    return [{ ...setting, why: first }, { do: 'retry', when: 'afterwards' }, ...more];
  };
  if (error instanceof InSandbox && error.isOff)
    return again('Codex has switched the network off for this command: allow network access');
  if (isLoopback(hostname)) {
    if (code === undefined || !noLoopbackCodes.has(code)) return undefined;
    return again('nothing here may connect to this machine itself: allow network access');
  }
  if (proxyStatus === '403')
    return again(
      `the proxy refuses ${hostname}; if an agent's sandbox has set it, allow the host there`,
      [withoutNetwork],
    );
  const usual = protocol === 'http:' ? '80' : '443';
  const isAtProxy = port !== undefined && String(port) !== (ownPort || usual);
  if (code === 'ECONNREFUSED' && isAtProxy)
    return again(
      "check the proxy in HTTPS_PROXY; if an agent's sandbox has set it, allow network access there",
      [withoutNetwork],
    );
  if (code === undefined || !blockedCodes.includes(code)) return undefined;
  // What may not connect may, as a rule, not listen either, and the test gateway listens.
  const more = forbiddenCodes.has(code) ? [] : [withoutNetwork];
  return again(
    'check the connection; if an agent runs this, its sandbox may have the network off: allow it there',
    more,
  );
}
