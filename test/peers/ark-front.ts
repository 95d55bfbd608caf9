/** The little that stands between AltLLM's create request and Ark's: the prompt moves into `content`. All else passes through as it is, a dropped connection too. */
import type { ServerResponse } from 'node:http';
import { type Received, startServer } from '../helpers/server.ts';

/** `target`: the origin of a server with Ark's tasks below /api/v3. */
export async function startArkFront(target: string): Promise<{ baseUrl: string }> {
  const { port } = await startServer(async (response, request) => {
    try {
      await pass(await ask(target, request), response);
    } catch {
      response.destroy();
    }
  });
  return { baseUrl: `http://127.0.0.1:${port}/api/v3` };
}

function ask(target: string, { method, path, headers, json }: Received): Promise<Response> {
  const { prompt, ...rest } = json ?? {};
  const body = JSON.stringify({ ...rest, content: [{ type: 'text', text: prompt }] });
  return fetch(`${target}${path}`, {
    method,
    headers: { authorization: headers.authorization ?? '', 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body }),
  });
}

async function pass(answer: Response, response: ServerResponse): Promise<void> {
  const wait = answer.headers.get('retry-after');
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    ...(wait === null ? {} : { 'retry-after': wait }),
  });
  response.end(await answer.text());
}
