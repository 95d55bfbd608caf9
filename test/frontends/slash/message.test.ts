import { describe, expect, test } from 'vitest';
import { errLines } from '../../helpers/ask.ts';
import { type FakeOptions, fakeDeps } from '../../helpers/fake-deps.ts';

interface Ended {
  code: number;
  out: string;
  lines: string[];
  sleeps: number[];
}

async function slash(argv: readonly string[], options: FakeOptions = {}): Promise<Ended> {
  const world = fakeDeps(options);
  const code = await world.run('slash', '--explain', ...argv);
  return { code, out: world.out(), lines: errLines(world), sleeps: world.sleeps };
}

describe('the message of slash', () => {
  test.each([[[]], [['-']]])('comes from standard input: %j', async (argv) => {
    const { code, out } = await slash(argv, { stdin: '\ufeff/alltoken-chat wörld\n' });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ text: 'wörld' });
  });

  test('that never comes is not waited for', async () => {
    const { code, lines, sleeps } = await slash([], { stdin: 'silent' });
    expect(code).toBe(2);
    expect(sleeps).toEqual([2000, 8000]);
    expect(lines[0]).toBe('waiting for standard input');
    expect(lines[1]).toContain('code=stdin_silent');
    expect(lines[2]).toBe('hint: wait without a time limit: alltoken slash -');
  });

  test('given as an argument leaves standard input alone', async () => {
    expect((await slash(['/alltoken-chat hi'], { stdin: 'silent' })).sleeps).toEqual([]);
  });

  test.each<[string, string[], FakeOptions, string]>([
    ['is missing on a terminal', [], {}, 'no_message'],
    ['is empty', [''], {}, 'no_message'],
    ['is blank on standard input', [], { stdin: ' \n' }, 'no_message'],
    ['is not UTF-8', ['-'], { stdin: new Uint8Array([0x2f, 0xff, 0xfe]) }, 'stdin_not_text'],
    ['is longer than any', ['-'], { stdin: 'x'.repeat(5 * 1024 * 1024) }, 'message_too_long'],
  ])('%s: exit 2 with an example', async (_what, argv, options, slug) => {
    const { code, out, lines } = await slash(argv, options);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(lines[0]).toContain(`code=${slug}`);
    expect(lines[1]).toContain("alltoken slash '/alltoken-chat");
  });

  test('in several arguments is a mistake, with the way to write it', async () => {
    const { code, lines } = await slash(['/alltoken-image', 'a', "cat's", 'hat']);
    expect(code).toBe(2);
    expect(lines[1]).toBe(`hint: alltoken slash '/alltoken-image a cat'\\''s hat'`);
  });

  test('that looks like an option gets a hint', async () => {
    for (const message of ['-5 degrees?', '-what is\n--this']) {
      const { code, lines } = await slash([message]);
      expect(code).toBe(2);
      expect(lines.at(-1)).toBe('hint: if that is text, put -- before it');
    }
    expect((await slash(['--explian'])).lines.at(-1)).toBe('hint: did you mean --explain?');
  });

  test('has its failure in the format that it asks for', async () => {
    const { code, out } = await slash(['/alltoken-image a cat --json --size']);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: 'missing_value' } });
  });
});
