/** One `alltoken config doctor` in a world whose clock is right, unless the test says otherwise. */
import { expectNoKey } from './ask.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from './fake-deps.ts';

export const doctorKey = 'sk-at-0123456789abcdef';

export interface Check {
  name: string;
  ok: boolean;
  warning: boolean;
  detail: string;
}

export async function doctor(
  argv: readonly string[],
  options: FakeOptions = {},
  prepare: (world: FakeWorld) => void = () => {},
): Promise<{ code: number; world: FakeWorld }> {
  const world = fakeDeps({ now: Date.now, ...options });
  prepare(world);
  const code = await world.run('config', 'doctor', ...argv);
  expectNoKey(world, doctorKey);
  return { code, world };
}

/** Of `--json`. */
export function checks(world: FakeWorld): Check[] {
  return world.json().checks as Check[];
}

export function checkOf(world: FakeWorld, name: string): Check | undefined {
  return checks(world).find((check) => check.name === name);
}
