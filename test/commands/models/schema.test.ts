import { expect, test } from 'vitest';
import { fromJSONSchema } from 'zod';
import { fakeDeps } from '../../helpers/fake-deps.ts';

const situations = [
  ['the list', ['--kind', 'all']],
  ['one model', ['seedance-2.0']],
  ['a board', ['--rankings']],
  ['nothing', ['--filter', 'zzz']],
  ['a failure', ['no-such-model']],
  ['a mistake', ['--kind', 'sound']],
] as const;

test.each(situations)('alltoken schema models describes %s', async (_name, argv) => {
  const schema = fakeDeps();
  expect(await schema.run('schema', 'models')).toBe(0);
  const world = fakeDeps();
  await world.run('models', '-g', 'sandbox', '--json', ...argv);
  const printed = fromJSONSchema(schema.json() as Parameters<typeof fromJSONSchema>[0]);
  const result = printed.safeParse(world.json());
  expect(result.success ? 'described' : result.error.message).toBe('described');
});
