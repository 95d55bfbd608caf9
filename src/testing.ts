/** `alltoken-cli/testing`: gateways that are played on this machine, for tests without a key. */
import { clock } from './edge/real-deps.ts';

/** A gateway on loopback. */
export interface TestGateway {
  /** For `createAgent({ baseURL })` or any client: http://127.0.0.1:<port>/v1 */
  baseURL: string;
  close(): Promise<void>;
}

/** The sandbox, with faults as `alltoken sandbox --fault` names them. */
export async function startSandbox({
  faults = [],
}: {
  faults?: readonly string[];
} = {}): Promise<TestGateway> {
  const { startSandbox: start, parseFault } = await import('./sandbox/start.ts');
  const { baseUrl, close } = await start({ port: 0, faults: faults.map(parseFault), clock });
  return { baseURL: baseUrl, close };
}
