/** A command of ours ends through a proxy as it ends without one: what went wrong, and whether anything was bought. */
import { expect, test } from 'vitest';
import { cutStream, lostReply, type Reply, stream, worldAt } from '../helpers/ask.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { chunk, sendError, startServer } from '../helpers/server.ts';
import { startProxy } from '../helpers/serving.ts';

const json = { 'content-type': 'application/json' };

const faults: Readonly<Record<string, [exit: number, reply: Reply]>> = {
  'a connection that breaks before a reply': [46, lostReply],
  'a page of a proxy in between': [
    46,
    (response) =>
      void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'),
  ],
  'a reply of 408': [46, (response) => sendError(response, 408, 'request_timeout')],
  'no provider that can': [31, (response) => sendError(response, 503, 'all_providers_failed')],
  'a limit of the gateway': [30, (response) => sendError(response, 429, 'rate_limit_exceeded')],
  'an empty balance': [22, (response) => sendError(response, 402, 'insufficient_balance')],
  'a request that is not understood': [
    25,
    (response) => sendError(response, 400, 'invalid_request'),
  ],
  'a model that is not there': [24, (response) => sendError(response, 404, 'model_not_found')],
  'a refusal by policy': [26, (response) => sendError(response, 400, 'content_filter')],
  'an empty document': [41, (response) => void response.writeHead(200, json).end()],
  'a stream of nothing': [41, stream()],
  'a stream that ends in the middle': [40, cutStream(chunk({ content: 'Hel' }))],
  'an error at the head of a stream': [
    31,
    (response) =>
      void response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end('data: {"error":{"code":"all_providers_failed","message":"none"}}\n\n'),
  ],
  'what is no answer': [41, (response) => void response.writeHead(200, json).end('{"a":1}')],
};

test.each(Object.entries(faults))('after %s', async (_name, [exit, reply]) => {
  const answer: Reply = (response, request, count) =>
    request.path.endsWith('/chat/completions')
      ? reply(response, request, count)
      : void response.writeHead(404, json).end('{}');
  const bare = worldAt(await startServer(answer));
  const code = await bare.run('chat', '--json', 'Hi');
  const facts = bare.json();
  const proxy = await startProxy(worldAt(await startServer(answer)));
  const world = fakeDeps({
    env: {
      ALLTOKEN_HOME: proxy.world.home,
      ALLTOKEN_BASE_URL: `${proxy.url}/v1`,
      ALLTOKEN_API_KEY: proxy.token,
    },
  });
  expect([await world.run('chat', '--json', 'Hi'), code], world.err()).toEqual([exit, exit]);
  const billed = (document: Record<string, unknown>) =>
    (document.error as { billed: string }).billed;
  expect(billed(world.json())).toBe(billed(facts));
});
