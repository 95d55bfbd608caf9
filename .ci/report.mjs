/**
 * Reads a JSON report of vitest: `numbers <report>` prints how many tests passed and failed, `files <report>` the files in which
 * one failed, `failures <report> <where>` each by name with the begin of its message.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Lines of one message; the rest is in the log above. */
const MOST_LINES = 4;

const [what, path, where = ''] = process.argv.slice(2);
const report = JSON.parse(readFileSync(path, 'utf8'));
const broken = report.testResults.filter(({ status }) => status === 'failed');

const numbers = () => `${report.numPassedTests} ${report.numFailedTests}`;

const files = () => broken.map(({ name }) => relative(process.cwd(), name)).join('\n');

const failures = () =>
  broken
    .flatMap(({ name, message, assertionResults }) => {
      const tests = assertionResults.filter(({ status }) => status === 'failed');
      const said =
        tests.length > 0
          ? tests.map(({ fullName, failureMessages }) => [fullName, ...failureMessages])
          : [[message]];
      return said.map((lines) => {
        const text = lines.join('\n').split('\n').slice(0, MOST_LINES).join('\n  ');
        return `failed, ${where}: ${relative(process.cwd(), name)}: ${text}`;
      });
    })
    .join('\n');

console.log({ numbers, files, failures }[what]());
