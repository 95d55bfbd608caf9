/** The pages for people: their links, their headings and the commands in their shell blocks. It runs nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './executable.ts';

export interface Page {
  /** Below the root of the repository. */
  path: string;
  text: string;
}

export function page(path: string): Page {
  return { path, text: readFileSync(join(root, path), 'utf8') };
}

/** What the package ships. */
export const userPages: readonly Page[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
].map(page);

export const allPages: readonly Page[] = [
  ...userPages,
  page('CONTRIBUTING.md'),
  page('bench/README.md'),
];

/** Without its code blocks, whose text is no markup. */
function prose({ text }: Page): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}

/** Targets of links and images, but for those of the web. */
export function relativeLinks(of: Page): string[] {
  return [...prose(of).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/i.test(target));
}

/** The anchors of a page, as GitHub makes them of its headings. */
export function anchors(of: Page): string[] {
  return [...prose(of).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Spans of code in the prose. */
export function codeSpans(of: Page): string[] {
  return [...prose(of).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

export interface DocumentedCommand {
  /** As it stands on the page, without its comment. */
  line: string;
  argv: string[];
  env: Record<string, string>;
  /** A file that is standard input. */
  inputFile: string | null;
  /** What `echo` pipes into it; '' from another program. null: nothing is piped. */
  piped: string | null;
  /** 0 unless its comment begins with `exit <code>`. */
  exit: number;
}

export interface Block {
  page: string;
  /** The line of the page that it begins on, from 1. */
  at: number;
  /** `<!-- parsed only: … -->` stands above it: why its commands are not run. */
  notRun: string | null;
  commands: DocumentedCommand[];
}

/** The shell blocks of a page, each with the alltoken commands in it. */
export function shellBlocks({ path, text }: Page): Block[] {
  return [...text.matchAll(/(?:^<!-- parsed only: (.+) -->\n)?^```sh\n([\s\S]*?)^```$/gm)].map(
    (match) => ({
      page: path,
      at: text.slice(0, match.index).split('\n').length,
      notRun: match[1] ?? null,
      commands: (match[2] ?? '').replaceAll('\\\n', ' ').split('\n').flatMap(commandsIn),
    }),
  );
}

/** Quoted text, an operator, or a plain word. */
const token = /"(?:\\.|[^"\\])*"|'[^']*'|&&|[|<>;#]|[^\s"'|<>;#]+|\s+/g;

interface Simple {
  words: string[];
  inputFile: string | null;
}

function commandsIn(line: string): DocumentedCommand[] {
  const pieces = line.match(token) ?? [];
  const hash = pieces.findIndex((piece, at) => piece === '#' && /^\s*$/.test(pieces[at - 1] ?? ''));
  const shown = hash === -1 ? pieces : pieces.slice(0, hash);
  const comment = hash === -1 ? '' : pieces.slice(hash + 1).join('');
  const exit = Number(/^ exit (\d+)/.exec(comment)?.[1] ?? 0);
  const found: DocumentedCommand[] = [];
  let before: Simple | null = null;
  for (const { part, operator } of split(shown)) {
    const simple = simpleOf(part);
    const isAssignment = (word: string): boolean => /^[A-Z_]+=/.test(word);
    const first = simple.words.findIndex((word) => !isAssignment(word));
    // Another program may start ours, as `claude mcp add alltoken -- alltoken mcp` does.
    const inner = simple.words.findIndex(
      (word, at) => word === 'alltoken' && (at === first || simple.words[at - 1] === '--'),
    );
    if (inner !== -1)
      found.push({
        line: shown.join('').trim(),
        argv: simple.words.slice(inner + 1),
        env: Object.fromEntries(
          simple.words.slice(0, Math.max(0, first)).map((word) => {
            const at = word.indexOf('=');
            return [word.slice(0, at), word.slice(at + 1)];
          }),
        ),
        inputFile: simple.inputFile,
        piped: operator === '|' ? textOf(before) : null,
        exit,
      });
    before = simple;
  }
  return found;
}

/** By the operators between commands; each part with the one before it. */
function split(pieces: readonly string[]): { part: string[]; operator: string | null }[] {
  const parts: { part: string[]; operator: string | null }[] = [{ part: [], operator: null }];
  for (const piece of pieces) {
    if (piece === '|' || piece === '&&' || piece === ';') parts.push({ part: [], operator: piece });
    else parts.at(-1)?.part.push(piece);
  }
  return parts;
}

/** Words next to each other are one; what < and > name is no argument. */
function simpleOf(pieces: readonly string[]): Simple {
  const words: string[] = [];
  let inputFile: string | null = null;
  let redirected: '<' | '>' | null = null;
  let isOpen = false;
  for (const piece of pieces) {
    if (piece === '<' || piece === '>') {
      redirected = piece;
      isOpen = false;
    } else if (/^\s/.test(piece)) {
      isOpen = false;
    } else if (redirected !== null) {
      if (redirected === '<') inputFile = unquoted(piece);
      redirected = null;
    } else if (isOpen) {
      words.push(`${words.pop() ?? ''}${unquoted(piece)}`);
    } else {
      words.push(unquoted(piece));
      isOpen = true;
    }
  }
  return { words, inputFile };
}

function unquoted(piece: string): string {
  return /^["']/.test(piece) ? piece.slice(1, -1) : piece;
}

function textOf(before: Simple | null): string {
  const [program, ...words] = before?.words ?? [];
  return program === 'echo' ? `${words.join(' ')}\n` : '';
}
