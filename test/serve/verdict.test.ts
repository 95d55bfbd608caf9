/** What a server says in `error.alltoken` of its errors counts as far as it can be so, whoever the server is. */
import { expect, test } from 'vitest';
import { ask, type Reply, stream } from '../helpers/ask.ts';
import { chunk } from '../helpers/server.ts';

const wordsOf = (alltoken: object): string =>
  JSON.stringify({ error: { code: 'odd', message: 'odd', alltoken } });

const document =
  (status: number, exit: unknown, billed: unknown): Reply =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(wordsOf({ exit, billed }));

const event = (exit: number, billed: string): string => `data: ${wordsOf({ exit, billed })}\n\n`;
const output = chunk({ content: 'Hello' });

const rows: [name: string, reply: Reply, exit: number, billed: string][] = [
  ['a limit that may have been paid', document(429, 30, 'unknown'), 46, 'unknown'],
  ['a limit that was paid', document(429, 46, 'yes'), 46, 'yes'],
  ['a server that is busy, and may have been paid', document(503, 31, 'unknown'), 46, 'unknown'],
  ['an outcome that nobody knows at a limit', document(429, 46, 'unknown'), 46, 'unknown'],
  ['no money, and it was paid', document(400, 22, 'yes'), 46, 'yes'],
  ['no network, and it may have been paid', document(502, 32, 'unknown'), 46, 'unknown'],
  ['an unknown outcome that is free', document(504, 46, 'no'), 46, 'unknown'],
  ['a refusal that was paid', document(400, 26, 'yes'), 26, 'yes'],
  ['a disk of its own', document(400, 50, 'no'), 25, 'no'],
  ['success', document(500, 0, 'no'), 31, 'no'],
  ['a signal', document(500, 130, 'unknown'), 46, 'unknown'],
  ['an exit that is text', document(500, '46', 'no'), 31, 'no'],
  ['an exit that is no number', document(500, null, 'yes'), 46, 'yes'],
  ['part of an answer, for free', document(200, 40, 'no'), 40, 'unknown'],
  ['nothing bought, after output', stream(output, event(31, 'no')), 40, 'unknown'],
  ['a cap, after output', stream(output, event(27, 'no')), 40, 'unknown'],
  ['nothing bought, before output', stream(event(31, 'no')), 31, 'no'],
];

test.each(rows)('%s', async (_name, reply, exit, billed) => {
  const { code, world, server } = await ask(reply, ['--json', 'Hi']);
  expect(world.json(), world.err()).toMatchObject({ exit, error: { billed } });
  expect(code).toBe(exit);
  expect(world.ledger().at(-1)).toMatchObject({ exit, billed });
  const sent = server.requests.filter(({ method }) => method === 'POST');
  expect(sent).toHaveLength(1);
});
