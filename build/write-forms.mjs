// npm run forms: writes .claude-plugin, .codex-plugin, server.json and mcpb from package.json and the tools.
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

const entry = `
export { tools } from './src/frontends/mcp/tools.ts';
export { writePublishedForms } from './build/published-forms.ts';
`;
const { outputFiles } = await build({
  stdin: { contents: entry, resolveDir: process.cwd() },
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { tools, writePublishedForms } = await import(`data:text/javascript;base64,${code}`);
const own = JSON.parse(readFileSync('package.json', 'utf8'));
for (const path of writePublishedForms('.', own, tools)) console.log(path);
