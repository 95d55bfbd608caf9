import { describe, expect, test } from 'vitest';
import { events } from '../../helpers/ask.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { explain, refusal } from '../../helpers/slash.ts';

describe('flags outside the message', () => {
  test('go to the command', async () => {
    const outside = ['-g', 'sandbox', '--max-cost', '0.05', '--timeout=30', '--no-color'];
    const { argv, flags } = await explain('/alltoken-image a cat --json', outside);
    expect(argv.join(' ')).toBe(
      'image --max-cost=0.05 --gateway=sandbox --timeout=30 --no-color --json -- a cat',
    );
    expect(flags.map(({ from }) => from)).toEqual([...Array(4).fill('caller'), 'message']);
  });

  test.each([
    [['-g', 'sandbox'], '--gateway=alltoken'],
    [['--max-cost', '0.01'], '--max-cost=100'],
    [['--timeout', '5'], '--timeout 600'],
    [['--dry-run', '--timeout', '5'], '--timeout=5.1'],
  ])('%j cannot be set again by %j', async (argv, flag) => {
    expect((await refusal(`/alltoken-chat hi ${flag}`, argv)).code).toBe('flag_fixed');
  });

  test.each([
    [['-q'], '--quiet', '--quiet'],
    [['--timeout', '5'], '--timeout=5.0', '--timeout=5'],
    [['-g', 'sandbox'], '--gateway "sandbox"', '--gateway=sandbox'],
    [['--json'], '--json', '--json'],
  ])('%j may be repeated as %j', async (outside, flag, word) => {
    const { argv, flags } = await explain(`/alltoken-chat hi ${flag}`, outside);
    expect(argv).toEqual(['chat', word, '--', 'hi']);
    expect(flags.map(({ from }) => from)).toEqual(['caller']);
  });

  test('leave the message free to add a tag', async () => {
    const { argv } = await explain('/alltoken-chat hi --tag two', ['--tag', 'one']);
    expect(argv).toEqual(['chat', '--tag=one', '--tag=two', '--', 'hi']);
  });

  test('about money have no effect on a command that buys nothing', async () => {
    const { argv, notes } = await explain('/alltoken-cost --tag ci', ['--tag', 'x', '--dry-run']);
    expect(argv).toEqual(['cost', '--tag=ci']);
    expect(notes).toHaveLength(2);
  });

  test.each([['--async'], ['--wait=30']])('%s goes to what has a task', async (flag) => {
    expect((await explain('/alltoken-image a cat', [flag])).argv).toContain(flag);
    expect((await explain('/alltoken-video a boat', [flag])).argv).toContain(flag);
    const { argv, notes } = await explain('/alltoken-chat hi', [flag]);
    expect(argv).toEqual(['chat', '--', 'hi']);
    expect(notes).toEqual([expect.stringContaining(flag.slice(0, 6))]);
  });

  test.each([
    [['--async'], '/alltoken-image a cat --wait=5', 'conflicting_option'],
    [['--wait', '5'], '/alltoken-video a boat --async', 'conflicting_option'],
    [['--wait', '5'], '/alltoken-video a boat --wait=6', 'flag_fixed'],
    [['--json'], '/alltoken-chat --jsonl hi', 'conflicting_option'],
    [['--json'], '/alltoken-cost --csv', 'conflicting_option'],
    [['--async', '--wait=5'], '/alltoken-image a cat', ''],
  ])('%j and those of %j conflict', async (outside, message, code) => {
    const world = fakeDeps();
    expect(await world.run('slash', '--explain', ...outside, message)).toBe(2);
    expect(world.out() + world.err()).toContain(code);
  });

  test('--jsonl needs a command that has it', async () => {
    const world = fakeDeps();
    expect(await world.run('slash', '--jsonl', '/alltoken-models')).toBe(2);
    expect(events(world)).toMatchObject([{ type: 'error', error: { code: 'unsupported' } }]);
    expect((await explain('/alltoken-chat hi', ['--jsonl'])).argv).toContain('--jsonl');
  });
});
