/** An agent whose model is played, and what every request of it must be. */
import { expect, onTestFinished } from 'vitest';
import { AgentCore } from '../../src/agent/agent.ts';
import type { AgentConfig } from '../../src/agent/types.ts';
import type { Step } from '../../src/sandbox/script-types.ts';
import { type RequestBody, script } from '../../src/testing.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';

export interface Played {
  agent: AgentCore;
  world: FakeWorld;
  requests: readonly RequestBody[];
  config: AgentConfig;
}

export async function played(
  steps: readonly Step[],
  config: AgentConfig = {},
  options: FakeOptions = {},
): Promise<Played> {
  const gateway = await script(steps);
  onTestFinished(() => gateway.close());
  const world = fakeDeps(options);
  const whole = { gateway: 'sandbox', baseURL: gateway.baseURL, ...config };
  return {
    agent: new AgentCore(whole, world.deps),
    world,
    requests: gateway.requests,
    config: whole,
  };
}

interface Wire {
  role?: unknown;
  tool_calls?: { id: string; function: { arguments: string } }[];
  tool_call_id?: string;
}

/** What is wrong with a list of messages; [] where every server takes it. */
export function faultsOf(messages: readonly object[] = []): string[] {
  const faults: string[] = [];
  let open = new Set<string>();
  const close = (): void => {
    for (const id of open) faults.push(`${id} has no result`);
    open = new Set();
  };
  for (const message of messages as readonly Wire[]) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id ?? ''))
        faults.push(`${message.tool_call_id} has no call, or a second result`);
      continue;
    }
    close();
    for (const { id, function: called } of message.tool_calls ?? []) {
      if (open.has(id)) faults.push(`${id} is there twice`);
      open.add(id);
      const args: unknown = JSON.parse(called.arguments);
      if (typeof args !== 'object' || args === null) faults.push(`${id} has no object`);
    }
  }
  close();
  return faults;
}

/** Every request was valid, and each stands in the ledger before and after. */
export function expectInvariants({ requests, world }: Pick<Played, 'requests' | 'world'>): void {
  expect(requests.map(({ messages }) => faultsOf(messages))).toEqual(requests.map(() => []));
  const lines = world.ledger();
  const ids = (event: string) =>
    lines.filter((line) => line.event === event).map(({ call }) => call);
  expect(ids('outcome').toSorted()).toEqual(ids('intent').toSorted());
  expect(ids('intent').length).toBeGreaterThanOrEqual(requests.length);
}
