/** What a client is told that asks for more than the sandbox has. */
import { expect, test } from 'vitest';
import { startClient } from './client.ts';

test.each(['/responses', '/embeddings', '/messages', '/chat/completion'])(
  'POST %s is a 404 that lists what there is',
  async (path) => {
    const { post } = await startClient();
    const { status, code, json } = await post(path, { model: 'gpt-5.4-mini', input: 'Hi' });
    expect([status, code]).toEqual([404, 'not_found']);
    const { message } = json.error as { message: string };
    expect(message).toContain(
      `There is no route "/v1${path}". The sandbox serves /v1/chat/completions, `,
    );
    for (const other of ['/v1/images/generations', '/v1/videos/generations', '/v1/uploads/presign'])
      expect(message).toContain(other);
    expect(message).not.toContain(':id');
    // A client shows no more of it.
    expect(message.length).toBeLessThan(500);
  },
);
