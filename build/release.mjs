// node build/release.mjs --tag v1.2.3 [--notes <file>]: fails unless the tag, the package, the forms in which it is
// published and the changelog name the same version; writes what the changelog says about it.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { tag: { type: 'string' }, notes: { type: 'string' } } });
const own = JSON.parse(readFileSync('package.json', 'utf8'));
const problems = [];

if (values.tag !== `v${own.version}`)
  problems.push(`the tag is ${values.tag}, package.json has version ${own.version}`);
for (const path of [
  '.claude-plugin/plugin.json',
  '.codex-plugin/plugin.json',
  'server.json',
  'mcpb/manifest.json',
])
  if (JSON.parse(readFileSync(path, 'utf8')).version !== own.version)
    problems.push(`${path} has another version: run npm run forms`);

const [, ...sections] = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m);
const notes = sections.find((section) => section.split(/\s/, 1)[0] === own.version);
if (notes === undefined) problems.push(`CHANGELOG.md has no section ${own.version}`);
else if (notes.split('\n', 1)[0].includes('unreleased'))
  problems.push(`CHANGELOG.md still calls ${own.version} unreleased: write its date there`);

if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  process.exitCode = 1;
} else if (values.notes !== undefined) {
  writeFileSync(values.notes, `${notes.slice(notes.indexOf('\n')).trim()}\n`);
}
