/** A gateway with a public price list and a chat, and calls under a budget against it. Each run ends with a search for the key. */
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type AskOptions, answerWell, expectNoKey, type Reply, worldAt } from './ask.ts';
import type { FakeWorld } from './fake-deps.ts';
import { type Received, startServer, type TestServer } from './server.ts';

/** USD for a million tokens. */
export const prices = [
  { id: 'gpt-5.4-mini', input_price: '1.00', output_price: '10.00', max_output_tokens: 500 },
  { id: 'gpt-5.4', input_price: '2.00', output_price: '20.00', context_length: 4000 },
  { id: 'gpt-5.4-pro', input_price: '30.00', output_price: '180.00' },
  { id: 'glm-4.7-flash', input_price: '0', output_price: '0', max_output_tokens: 500 },
  { id: 'deepseek-v4-pro', input_price: '1.00', output_price: '4.00', max_output_tokens: 8000 },
];

export interface Shop {
  server: TestServer;
  /** Requests for an answer. */
  chats(): Received[];
  /** Requests for the price list. */
  lists(): Received[];
}

/** The public list has these models; null: it cannot be had. `reply` gets the number of the chat request, from 1. */
export async function openShop(
  reply: Reply = answerWell,
  listed: readonly object[] | null = prices,
): Promise<Shop> {
  let count = 0;
  const server = await startServer((response, request) => {
    if (request.path !== '/v1/chat/completions') return sendList(response, request, listed);
    count += 1;
    return reply(response, request, count);
  });
  const at = (path: string): Received[] => server.requests.filter((one) => one.path === path);
  return {
    server,
    chats: () => at('/v1/chat/completions'),
    lists: () => at('/api-account/models'),
  };
}

function sendList(
  response: ServerResponse,
  { path, headers }: Received,
  listed: readonly object[] | null,
): void {
  const isPublic = path === '/api-account/models' && headers.authorization === undefined;
  response.writeHead(isPublic && listed !== null ? 200 : 404, {
    'content-type': 'application/json',
  });
  response.end(JSON.stringify({ data: listed }));
}

export interface Customer extends FakeWorld {
  code: number;
}

/** The command in a world with this budget. */
export async function buy(
  shop: Shop,
  budget: object,
  argv: readonly string[],
  options: AskOptions = {},
): Promise<Customer> {
  const home = { ...options.home, 'config.json': { budget, ...config(options) } };
  return runIn(worldAt(shop.server, { ...options, home }), argv);
}

/** The next command in the same home; what it prints is its own. */
export async function buyAgain(
  before: FakeWorld,
  shop: Shop,
  argv: readonly string[],
  options: AskOptions = {},
): Promise<Customer> {
  const env = { ALLTOKEN_HOME: before.home, ...options.env };
  const world = worldAt(shop.server, { ...options, env });
  // A number of its own for each call, or their lines in the ledger would be one call's.
  world.deps.uuid = fakeUuids();
  return runIn(world, argv);
}

async function runIn(world: FakeWorld, argv: readonly string[]): Promise<Customer> {
  const code = await world.run(...argv);
  expectNoKey(world);
  return { ...world, code };
}

function config({ home }: AskOptions): object {
  const given = home?.['config.json'];
  return typeof given === 'object' && !(given instanceof Uint8Array) ? given : {};
}

let worlds = 0;

function fakeUuids(): () => string {
  worlds += 1;
  let count = 0;
  return () => {
    count += 1;
    return `00000000-0000-4000-${8000 + worlds}-${String(count).padStart(12, '0')}`;
  };
}

/** Where what is spent and reserved stands. */
export function budgetFile(world: FakeWorld): string {
  return join(world.home, 'budget', 'budget.json');
}
