/** `alltoken serve`: its flags and its help. The work is `src/serve`. */
import { InvalidArgumentError } from 'commander';
import { tagsOf } from '../../config/tags.ts';
import { outputFlags } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { flag, flagGroup, takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { callFlags, totalFlags } from '../../flags/serve-flags.ts';
import { serve } from '../../serve/serve.ts';

const examples: readonly Example[] = [
  'alltoken serve',
  'alltoken serve --max-cost 5 --model-allow "gpt-5.4*"',
  ['alltoken serve -g sandbox', 'no key, no charge, no model'],
  ['alltoken serve --agent ./agent.mjs', 'POST /chat, /v1/sessions'],
  'alltoken serve --host 0.0.0.0 --allow-host tokens.example',
];

const closing =
  'It answers POST /v1/chat/completions as the gateway would, and reports in headers or trailers what each call cost. Set OPENAI_BASE_URL and OPENAI_API_KEY as it prints them. Without --host only this machine can connect. ALLTOKEN_SERVE_TOKEN sets the token. Exit codes: alltoken help exit-codes';

const units: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

const serveFlags = [
  flagGroup(
    'Server:',
    flag('--port <number>', 'the port; 0 takes a free one', { read: port, default: 4141 }),
    flag('--host <address>', 'the address to listen on', { default: '127.0.0.1' }),
    flag('--allow-host <name>', 'another name by which it may be called', { repeatable: true }),
    flag('--cors <origin>', 'a web page of this origin may call it', {
      read: origin,
      repeatable: true,
    }),
    flag('--max-body <bytes>', 'the largest request, such as 32M', { read: size, usual: '32M' }),
    flag('--agent [module]', 'serve an agent, too: what this module makes, or a default one', {
      names: 'file',
      once: true,
    }),
    flag('--max-sessions <number>', 'conversations with the agent at a time', {
      read: sessions,
      usual: '100',
    }),
    flag('--no-token', 'let every program of this machine call it'),
    flag('--tls-cert <file>', 'serve HTTPS with this certificate (PEM)', { names: 'file' }),
    flag('--tls-key <file>', 'the key of the certificate (PEM)', { names: 'file' }),
  ),
  callFlags,
  totalFlags,
  outputFlags,
] as const;

export const registerServe: RegisterCommand = (program, context) => {
  const command = program
    .command('serve')
    .description(
      'Run a proxy in front of a gateway: programs with an OpenAI client get exact costs, and none of them can spend more than the budgets allow.',
    );
  takeFlags(addHelp(command, examples, closing), serveFlags, async (flags) => {
    const { deps } = context;
    await context.execute('serve', flags, () =>
      serve(
        {
          ...flags,
          tags: tagsOf(flags, deps),
          json: flags.json === true,
          verbose: flags.verbose === true || flags.debug === true,
        },
        deps,
      ),
    );
  });
};

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('Expected a port from 0 to 65535.');
  return value;
}

function sessions(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 10_000)
    throw new InvalidArgumentError('Expected a whole number from 1 to 10000.');
  return value;
}

function size(text: string): number {
  const found = /^(\d{1,9})([KMG]?)$/i.exec(text.trim());
  const bytes = Number(found?.[1] ?? 0) * (units[found?.[2]?.toUpperCase() ?? ''] ?? 1);
  if (found === null || bytes < 1 || bytes > 1024 ** 3)
    throw new InvalidArgumentError('Expected a size up to 1G, such as 500K or 32M.');
  return bytes;
}

function origin(text: string): string {
  const isOrigin = URL.canParse(text) && new URL(text).origin === text.toLowerCase();
  if (!isOrigin)
    throw new InvalidArgumentError('Expected an origin, such as http://localhost:3000.');
  return text.toLowerCase();
}
