import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { issueWords } from '../../src/config/issue-words.ts';

const digit = /^\d$/;

test.each([
  ['in the words of its schema', z.string().check(z.regex(digit, 'one digit')), 'one digit'],
  ['and never in those of the library', z.string().check(z.regex(digit)), 'a name of letters'],
])('a text of another form is told %s', (_how, schema, words) => {
  // Another package of the same process may have given the library a language.
  onTestFinished(() => void z.config({ localeError: undefined }));
  for (const locale of [{ localeError: undefined }, z.locales.en(), z.locales.de()]) {
    z.config(locale);
    const [issue] = z.safeParse(schema, 'a').error?.issues ?? [];
    expect(issue && issueWords(issue, 'a')).toContain(`expected ${words}`);
  }
});
