/** Prepares a gateway for requests: the embedded one is started in this process, the others are used as they are. It sends nothing. */
import type { Deps } from '../base/deps.ts';
import type { Gateway } from '../gateways/types.ts';

export interface OpenedGateway {
  gateway: Gateway;
  close(): Promise<void>;
}

/** Throws `CliError` usage when ALLTOKEN_SANDBOX_FAULT is not a known fault. */
export async function openGateway(
  gateway: Gateway,
  deps: Pick<Deps, 'env' | 'clock'>,
): Promise<OpenedGateway> {
  if (!gateway.embedded || gateway.baseUrl !== '') return { gateway, close: async () => {} };
  const { startSandbox, parseFault } = await import('../sandbox/start.ts');
  const faults = (deps.env.ALLTOKEN_SANDBOX_FAULT ?? '')
    .split(',')
    .filter((text) => text.trim() !== '')
    .map((text) => parseFault(text.trim()));
  const sandbox = await startSandbox({ port: 0, faults, clock: deps.clock });
  return { gateway: { ...gateway, baseUrl: sandbox.baseUrl }, close: () => sandbox.close() };
}
