/** What `alltoken slash --explain` makes of a message. */
import { expect } from 'vitest';
import { type FakeOptions, type FakeWorld, fakeDeps } from './fake-deps.ts';

export interface Explained {
  trigger: { phrase: string; command: string };
  argv: string[];
  flags: { name: string; value: string | null; from: 'message' | 'caller' }[];
  text: string;
  before: string;
  notes: string[];
}

export interface Refused {
  message: string;
  code: string;
  hint: string | null;
  exit: number;
}

/** `slash --explain …argv <message>` in a world of its own. */
export async function explain(
  message: string,
  argv: readonly string[] = [],
  world: FakeWorld = fakeDeps(),
): Promise<Explained> {
  const code = await world.run('slash', '--explain', ...argv, '--', message);
  expect(code, world.out() + world.err()).toBe(0);
  return world.json() as unknown as Explained;
}

/** The failure of a message that must not run: exit 2, and nothing but the document on stdout. */
export async function refusal(
  message: string,
  argv: readonly string[] = [],
  options: FakeOptions | FakeWorld = {},
): Promise<Refused> {
  const world = 'run' in options ? options : fakeDeps(options);
  const code = await world.run('slash', '--explain', '--json', ...argv, '--', message);
  expect(code, world.out()).toBe(2);
  const { error } = world.json() as { error: Refused };
  expect(error.exit).toBe(2);
  return error;
}
