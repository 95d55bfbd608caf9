/** Prepares a gateway for requests: the embedded one is started in this process, the others are used as they are. It sends nothing. */
import type { Deps } from '../base/deps.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import { allowNetwork, sandboxHost } from '../base/host-sandbox.ts';
import type { NextSteps } from '../base/next-step.ts';
import type { Gateway } from '../gateways/types.ts';

export interface OpenedGateway {
  gateway: Gateway;
  close(): Promise<void>;
}

interface Running {
  faultHits: NonNullable<Gateway['faultHits']>;
  lasts: boolean;
}

/** The sandboxes of this process that run, by their base URLs. */
const running = new Map<string, Running>();

/** A command has started it for itself, and whatever it has ends with that. */
export function endsWithCommand(baseUrl: string): boolean {
  return running.get(baseUrl)?.lasts === false;
}

/**
 * `lasts`: for many commands, as of a server. Throws `CliError` usage when ALLTOKEN_SANDBOX_FAULT is not a known fault, and network
 * where nothing may listen.
 */
export async function openGateway(
  gateway: Gateway,
  { lasts }: { lasts: boolean },
  deps: Pick<Deps, 'env' | 'clock'>,
): Promise<OpenedGateway> {
  const earlier = running.get(gateway.baseUrl);
  if (earlier !== undefined)
    return {
      gateway: { ...gateway, faultHits: earlier.faultHits },
      close: async () => {},
    };
  if (!gateway.embedded || gateway.baseUrl !== '') return { gateway, close: async () => {} };
  const { startSandbox, parseFault } = await import('../sandbox/start.ts');
  const faults = (deps.env.ALLTOKEN_SANDBOX_FAULT ?? '')
    .split(',')
    .filter((text) => text.trim() !== '')
    .map((text) => parseFault(text.trim()));
  const sandbox = await startSandbox({ port: 0, faults, clock: deps.clock }).catch(
    (error: unknown) => {
      throw mayNotListen(error, deps) ?? error;
    },
  );
  const { baseUrl, hits: faultHits } = sandbox;
  running.set(baseUrl, { faultHits, lasts });
  const close = (): Promise<void> => {
    running.delete(baseUrl);
    return sandbox.close();
  };
  return { gateway: { ...gateway, baseUrl, faultHits }, close };
}

/** What a system says that lets no process listen, or has no loopback interface. */
const forbidden: ReadonlySet<string> = new Set([
  ...['EPERM', 'EACCES', 'ERR_ACCESS_DENIED'],
  ...['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETDOWN', 'ENETUNREACH'],
]);

/** Listening is refused, as in the sandbox of an agent host; null for any other reason. */
export function mayNotListen(error: unknown, { env }: Pick<Deps, 'env'>): CliError | null {
  const code = systemErrorCode(error);
  if (code === undefined || !forbidden.has(code)) return null;
  return new CliError('network', 'the test gateway may not listen on this machine (127.0.0.1)', {
    code,
    billed: 'no',
    next: allowListening(env),
    cause: error,
  });
}

function allowListening(env: Deps['env']): NextSteps {
  const host = sandboxHost(env);
  const why = 'if an agent runs this, its sandbox forbids to listen: allow network access';
  if (host === null) return { do: 'retry', first: why };
  return [
    { ...allowNetwork(host, '127.0.0.1'), why },
    { do: 'retry', when: 'afterwards' },
  ];
}
