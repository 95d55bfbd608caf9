/** nock around one test: nothing leaves this machine, loopback stays open, and a reply that nobody fetched fails the test. */
import nock from 'nock';
import { afterEach, beforeEach, expect } from 'vitest';

export const ORIGIN = 'https://gateway.test';
export const URL_OF_CHAT = `${ORIGIN}/v1/chat/completions`;

/** Call once at the top of a test file. */
export function useNock(): void {
  beforeEach(() => {
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
    nock.enableNetConnect(/^(127\.0\.0\.1|localhost)(:\d+)?$/);
  });
  afterEach(() => {
    const pending = nock.pendingMocks();
    nock.abortPendingRequests();
    nock.cleanAll();
    nock.enableNetConnect();
    nock.restore();
    expect(pending).toEqual([]);
  });
}

/** The next POST to the chat route. */
export function onChat(): nock.Interceptor {
  return nock(ORIGIN).post('/v1/chat/completions');
}

/** The gateway's own words for an error. */
export function envelope(code: string): string {
  return JSON.stringify({
    error: { code, message: `it is ${code}`, type: 'api_error', request_id: 'req-body' },
  });
}
