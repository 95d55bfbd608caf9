/** How a terminal shows images, by its environment alone: a terminal is never asked, as its answer would come on standard input. */

export type Protocol = 'kitty' | 'iterm2' | 'half-blocks';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * By TERM_PROGRAM, which the innermost terminal sets. VS Code is not listed: it speaks iTerm2's protocol only where a setting
 * allows it, and nothing says so. WezTerm and mintty speak iTerm2's always.
 */
const programs: Readonly<Record<string, Protocol>> = {
  'iTerm.app': 'iterm2',
  WezTerm: 'iterm2',
  mintty: 'iterm2',
  ghostty: 'kitty',
  kitty: 'kitty',
};

/** By TERM, which goes along over ssh. */
const terms: Readonly<Record<string, Protocol>> = {
  'xterm-kitty': 'kitty',
  'xterm-ghostty': 'kitty',
};

/** Konsole's KONSOLE_VERSION: 22.04 was the first with kitty's protocol. */
const KONSOLE_WITH_IMAGES = 220_400;

export function graphicsProtocol(env: Env): Protocol {
  // A multiplexer draws the screen itself, and passes images on only where it is told to.
  if (env.TMUX || env.STY || env.ZELLIJ || /^(screen|tmux)/.test(env.TERM ?? ''))
    return 'half-blocks';
  const { TERM_PROGRAM: program, TERM: term = '' } = env;
  if (program) return ownValue(programs, program) ?? 'half-blocks';
  const byTerm = ownValue(terms, term);
  if (byTerm !== undefined) return byTerm;
  if (Number(env.KONSOLE_VERSION ?? 0) >= KONSOLE_WITH_IMAGES) return 'kitty';
  // iTerm2 sends it along over ssh.
  return env.LC_TERMINAL === 'iTerm2' ? 'iterm2' : 'half-blocks';
}

/** Whether 24 bits of colour can be relied on; every other terminal of today has 256 colours. */
export function hasTrueColour(env: Env): boolean {
  if (/^(truecolor|24bit)$/.test(env.COLORTERM ?? '')) return true;
  if (env.TMUX || env.STY || /^(screen|tmux)/.test(env.TERM ?? '')) return false;
  return graphicsProtocol(env) !== 'half-blocks' || env.TERM_PROGRAM === 'vscode';
}

function ownValue(table: Readonly<Record<string, Protocol>>, name: string): Protocol | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
