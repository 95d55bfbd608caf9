/** `@copilotkit/aimock` on loopback: its own code answers; a test only says what. It ends with the test. */
import { type Fixture, LLMock, type MockServerOptions } from '@copilotkit/aimock';
import { onTestFinished } from 'vitest';
import { peerKey } from './peer.ts';

export async function startAimock(
  fixtures: readonly Fixture[] = [],
  options: MockServerOptions = {},
): Promise<LLMock> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', auth: { apiKeys: [peerKey] }, ...options });
  mock.addFixtures([...fixtures]);
  await mock.start();
  onTestFinished(() => mock.stop());
  return mock;
}

/** Answers every chat with this, in chunks of five letters. */
export function chatting(
  response: Fixture['response'],
  more: Omit<Fixture, 'match' | 'response'> = {},
): Fixture {
  return { match: { endpoint: 'chat' }, response, chunkSize: 5, ...more };
}

/** Status of each POST, in order, as the server wrote them into its journal. */
export function posts(mock: LLMock): (number | undefined)[] {
  return mock
    .getRequests()
    .filter(({ method }) => method === 'POST')
    .map(({ response }) => response.status);
}
