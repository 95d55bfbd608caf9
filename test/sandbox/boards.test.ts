import { describe, expect, test } from 'vitest';
import { startClient } from './client.ts';

const boards = [
  '/health/summary',
  '/health/routes',
  '/providers',
  '/providers/sandbox-east/stats',
  '/rankings/all',
];

test('the health summary has the keys of the real one, under data', async () => {
  const { getPublic } = await startClient();
  expect((await getPublic('/health/summary')).json).toEqual({
    data: {
      total_routes: 6,
      healthy_routes: 4,
      degraded_routes: 1,
      incident_routes: 1,
      median_latency_ms: 580,
      overall_availability: 99.28,
    },
  });
});

test('the health of each route has what went wrong there', async () => {
  const { getPublic } = await startClient();
  const { json } = await getPublic('/health/routes');
  const routes = json.data as unknown[];
  expect(routes).toHaveLength(6);
  for (const route of routes) {
    expect(route).toMatchObject({
      availability: expect.any(Number),
      p50_latency_ms: expect.any(Number),
      p95_latency_ms: expect.any(Number),
      throughput: expect.any(Number),
    });
  }
  expect(routes).toContainEqual(
    expect.objectContaining({
      status: 'incident',
      incidents: [expect.objectContaining({ minutes: 42 })],
    }),
  );
});

describe('the providers', () => {
  test('have names, and figures of their own', async () => {
    const { getPublic } = await startClient();
    const { json } = await getPublic('/providers');
    expect(json.data).toMatchObject([{ id: 'sandbox-east' }, { id: 'sandbox-west' }]);
    for (const { id } of json.data as { id: string }[]) {
      const stats = await getPublic(`/providers/${id}/stats`);
      expect(stats.json.data).toMatchObject({ id, success_rate: expect.any(Number) });
    }
  });

  test('are no others', async () => {
    const { getPublic } = await startClient();
    const reply = await getPublic('/providers/nobody/stats');
    expect(reply).toMatchObject({ status: 404, code: 'not_found' });
  });
});

test('the rankings are of usage, benchmarks, throughput and the leaders of categories', async () => {
  const { getPublic } = await startClient();
  const { json } = await getPublic('/rankings/all');
  expect(json.data).toMatchObject({
    usage: [{ rank: 1, model: 'gpt-5.4-mini' }, { rank: 2 }, { rank: 3 }],
    benchmark: [{ rank: 1 }, { rank: 2 }, { rank: 3 }],
    throughput: [{ rank: 1 }, { rank: 2 }, { rank: 3 }],
    category_leaders: { search: { model: 'deepseek-v4-pro' } },
  });
});

test.each(boards.slice(1))('%s says that it is made up', async (path) => {
  const { getPublic } = await startClient();
  expect(JSON.stringify((await getPublic(path)).json)).toMatch(/made up by the alltoken sandbox/);
});

describe('odd-boards', () => {
  test.each(boards)('makes %s JSON of another shape', async (path) => {
    const { baseUrl } = await startClient({ faults: ['odd-boards:1'] });
    const url = baseUrl.replace('/v1', `/api-account${path}`);
    const [odd, usual] = [await fetch(url), await fetch(url)];
    expect([odd.status, usual.status]).toEqual([200, 200]);
    const [oddKeys, usualKeys] = [shapeOf(await odd.json()), shapeOf(await usual.json())];
    expect(oddKeys).not.toEqual(usualKeys);
  });

  test('leaves the catalogue alone', async () => {
    const { getPublic } = await startClient({ faults: ['odd-boards'] });
    expect((await getPublic('/models/glm-5')).json.data).toMatchObject({ id: 'glm-5' });
    expect((await getPublic('/models/filters')).json).toHaveProperty('data.families');
  });
});

test.each([...boards, '/models', '/models/glm-5', '/models/filters'])(
  'catalogue-down answers %s 503, so many times as it says',
  async (path) => {
    const { getPublic } = await startClient({ faults: ['catalogue-down:1'] });
    expect(await getPublic(path)).toMatchObject({ status: 503, code: 'service_unavailable' });
    expect((await getPublic(path)).status).toBe(200);
  },
);

test('catalogue-down leaves the lists behind the key alone', async () => {
  const { get } = await startClient({ faults: ['catalogue-down'] });
  expect((await get('/models')).status).toBe(200);
});

/** The names of the fields of the first thing that is there, or what it is in place of an object. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return ['list of', shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.entries(value).map(([key, inner]) => [key, key === 'data' ? shapeOf(inner) : '']);
}
