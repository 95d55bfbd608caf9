import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../helpers/fake-deps.ts';

async function ask(message: string, ...flags: string[]): Promise<string> {
  const world = fakeDeps();
  expect(await world.run('chat', '-g', 'sandbox', '-q', ...flags, message), world.err()).toBe(0);
  return world.out();
}

describe('the sandbox says', () => {
  test.each([
    ['a word', 'say: yes', 'yes\n'],
    ['lines', 'Please.\nsay:\n# One\n\n- **two**  \n\tthree\n', '# One\n\n- **two**  \n\tthree\n'],
    ['another such line', 'say: say: no', 'say: no\n'],
    ['what it cannot encode in one byte', 'say: 漢字 👍🏽', '漢字 👍🏽\n'],
  ])('what it is told to: %s', async (_what, message, answer) => {
    expect(await ask(message)).toBe(answer);
    expect(await ask(message, '--no-stream')).toBe(answer);
  });

  test.each(['I say: yes', 'say:', 'essay: yes'])('nothing of its own for %j', async (message) => {
    expect(await ask(message)).toContain(`Your last message: "${message}"`);
  });
});
