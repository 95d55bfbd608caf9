import { expect, test } from 'vitest';
import { CliError } from '../../src/base/errors.ts';
import { faultNames, parseFault } from '../../src/sandbox/start.ts';
import { startClient } from './client.ts';

const media = [
  'lost-create',
  'poll-errors',
  'half-body',
  'gone',
  'image-expired',
  'claimed',
  'no-r2',
  'no-b64',
  'no-result',
  'dead-url',
  'cut-download',
  'changed-file',
  'never-finish',
  'odd-state',
  'task-fails',
  'task-expires',
  'bad-image',
  'bad-base64',
  'slow-task',
  'slow-file',
  'absurd-poll',
  'unsafe-url',
  'redirect-file',
  'upload-refused',
  'list-no-prompt',
];

const ofPublicBoards = ['catalogue-down', 'odd-catalogue', 'odd-boards'];

test('every fault has one sentence', () => {
  expect(Object.keys(faultNames)).toEqual(expect.arrayContaining([...media, ...ofPublicBoards]));
  for (const sentence of Object.values(faultNames)) expect(sentence).toMatch(/^[A-Z][^\n]*\.$/);
});

test.each([...media, ...ofPublicBoards])(
  '%s can be asked for, for a number of times too',
  (name) => {
    expect(parseFault(name)).toEqual({ name, remaining: Infinity });
    expect(parseFault(`${name}:3`)).toEqual({ name, remaining: 3 });
  },
);

test('a fault that nobody knows is refused', () => {
  expect(() => parseFault('lost-creat')).toThrow(CliError);
});

test('the chat takes no fault of the media', async () => {
  const client = await startClient({ faults: media.map((name) => `${name}:1`) });
  const body = { model: 'gpt-5.4-mini', messages: [{ role: 'user', content: 'Hi' }] };
  expect(await client.post('/chat/completions', body)).toMatchObject({ status: 200 });
  // All of them are still there for a task.
  await expect(client.image()).rejects.toThrow('fetch failed');
});
