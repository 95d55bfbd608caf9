/** A gateway that lists models: what each path answers is the test's to say, everything else is 404. */
import { expect } from 'vitest';
import { secretKey, worldAt } from './ask.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from './fake-deps.ts';
import { type Received, sendError, startServer, type TestServer } from './server.ts';

/** A number: an error of this status. */
export type Routes = Record<string, object | number | string | null>;

export const now = Date.parse('2026-11-22T12:00:00Z');
export const hour = 3_600_000;

/** Two chat models, a picture model and a video model, each from its own list, with prices beside them. */
export function plainRoutes(): Routes {
  return {
    '/v1/models': list({ id: 'gpt-5.4-nano' }, { id: 'kimi-k2.6', display_name: 'Kimi' }),
    '/v1/images/models': list({ id: 'gpt-image-2', object: 'image' }),
    '/v1/videos/models': list({ id: 'seedance-2.0', object: 'video', owned_by: 'chat' }),
    '/api-account/models': list({
      id: 'gpt-5.4-nano',
      input_price: '0.20',
      output_price: 1.25,
      cached_input_price: '0.02',
      context_length: 400_000,
    }),
  };
}

export function list(...data: object[]): object {
  return { object: 'list', data };
}

/** A chat model of the catalogue. */
export const item = (
  id: string,
  input: string | null,
  output: string | null,
  context?: number,
): object => ({
  id,
  input_price: input,
  output_price: output,
  context_length: context,
  modality: 'text',
});

/** Prices and contexts of every kind: whole, with decimals, the same twice, none. */
export const several: Routes = {
  '/v1/models': list({ id: 'nobody-knows' }),
  '/api-account/models': list(
    item('cheap', '0.2', '10', 128_000),
    item('dear', '10', '9.5', 1_000_000),
    item('free', '0', '0'),
    item('middle', '9.99', '9.5', 262_144),
  ),
};

/** The routes may be changed while it runs. */
export async function modelServer(routes: Routes): Promise<TestServer> {
  return startServer((response, request) => {
    const [path = ''] = request.path.split('?');
    const answer = Object.hasOwn(routes, path) ? routes[path] : 404;
    if (typeof answer === 'number') return sendError(response, answer, `is_${answer}`);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
}

export interface Listed {
  code: number;
  world: FakeWorld;
  server: TestServer;
}

/** `models …argv` in a new world, at a gateway with these routes. */
export async function models(
  routes: Routes,
  argv: readonly string[] = [],
  options: FakeOptions = {},
): Promise<Listed> {
  const server = await modelServer(routes);
  const world = worldAt(server, options);
  const code = await world.run('models', ...argv);
  expect(world.out() + world.err()).not.toContain(secretKey);
  return { code, world, server };
}

/** Another run with the same home, and maybe another clock, or without the key. */
export async function again(
  { world, server }: Pick<Listed, 'world' | 'server'>,
  argv: readonly string[] = [],
  options: FakeOptions & { noKey?: true } = {},
): Promise<FakeWorld & { code: number }> {
  const key = options.noKey ? {} : { ALLTOKEN_API_KEY: secretKey };
  const env = { ALLTOKEN_BASE_URL: server.baseUrl, ...key };
  const next = fakeDeps({ ...options, env: { ...env, ...options.env, ALLTOKEN_HOME: world.home } });
  return { ...next, code: await next.run('models', ...argv) };
}

/** What was asked, in the order of coming: `GET /v1/models`. */
export function asked({ requests }: TestServer): string[] {
  return requests.map(({ method, path }: Received) => `${method} ${path}`);
}

/** The models of `--json`, by id. */
export function modelsById(world: FakeWorld): Record<string, Record<string, unknown>> {
  const found = world.json().models as (Record<string, unknown> & { id: string })[];
  return Object.fromEntries(found.map((model) => [model.id, model]));
}
