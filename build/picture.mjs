// npm run picture: writes docs/images/terminal-light.svg and terminal-dark.svg, which README.md shows: what the built
// program prints on a terminal of 104 columns, with the sandbox behind it. Nothing in them is drawn by hand.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import xterm from '@xterm/headless';

const COLUMNS = 104;
const ROWS = 200;
const QUESTION = [
  'say:',
  'Three ways to **read a file** in Node:',
  '',
  '| way | when |',
  '|---|---|',
  '| `readFile` | it is small |',
  '| `createReadStream` | it is large |',
  '',
  '1. Prefer the *promises* API.',
  '2. Close what you open.',
].join('\n');
const commands = [
  {
    line: 'chat -g sandbox "Why is the sky blue?"',
    args: ['chat', '-g', 'sandbox', 'Why is the sky blue?'],
  },
  {
    line: 'chat -g sandbox',
    args: ['chat', '-g', 'sandbox'],
    // A paste does not send, so it can have several lines.
    typed: [`\x1b[200~${QUESTION}\x1b[201~`, '\r', '\x04'],
  },
  { line: 'cost --since 7d -g sandbox', args: ['cost', '--since', '7d', '-g', 'sandbox'] },
];

const home = mkdtempSync(join(tmpdir(), 'alltoken-picture-'));
const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
terminal.loadAddon(new Unicode11Addon());
terminal.unicode.activeVersion = '11';
try {
  for (const command of commands) {
    await show(`\x1b[1m$ alltoken ${command.line}\x1b[0m\r\n`);
    await run(command);
    await show('\r\n');
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}

const lines = shown();
mkdirSync('docs/images', { recursive: true });
for (const theme of ['light', 'dark']) {
  const path = `docs/images/terminal-${theme}.svg`;
  writeFileSync(path, draw(lines, theme));
  console.log(path);
}

function show(text) {
  return new Promise((resolve) => terminal.write(text, resolve));
}

/** Runs one command to its end; what is typed is typed each time that it waits at its prompt. */
function run({ args, typed = [] }) {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    ALLTOKEN_HOME: home,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
  };
  const child = spawn(process.execPath, ['bin/alltoken.js', ...args], {
    cols: COLUMNS,
    rows: ROWS,
    env,
  });
  const keys = [...typed];
  let drawn = Promise.resolve();
  return new Promise((resolve) => {
    child.onData((data) => {
      drawn = drawn
        .then(() => show(data))
        .then(() => {
          const { baseY, cursorY, cursorX } = terminal.buffer.active;
          const line =
            terminal.buffer.active.getLine(baseY + cursorY)?.translateToString(true) ?? '';
          const waits = line.startsWith('>') && (cursorX === 2 || line.includes('[pasted'));
          if (waits && keys.length > 0) child.write(keys.shift());
        });
    });
    child.onExit(() => drawn.then(resolve));
  });
}

/** The lines as runs of one style: `{ text, column, width, bold, italic, underline, dim, color }`. */
function shown() {
  const { active } = terminal.buffer;
  const lines = [];
  for (let row = 0; row < active.length; row += 1) {
    const line = active.getLine(row);
    const runs = [];
    for (let column = 0; line !== undefined && column < COLUMNS; column += 1) {
      const cell = line.getCell(column);
      if (cell === undefined || cell.getWidth() === 0) continue;
      const style = {
        bold: cell.isBold() !== 0,
        italic: cell.isItalic() !== 0,
        underline: cell.isUnderline() !== 0,
        dim: cell.isDim() !== 0,
        color: cell.isFgPalette() ? cell.getFgColor() : null,
      };
      const last = runs.at(-1);
      const text = cell.getChars() || ' ';
      const isSame =
        last !== undefined && Object.keys(style).every((key) => last[key] === style[key]);
      if (isSame) {
        last.text += text;
        last.width += cell.getWidth();
      } else runs.push({ text, column, width: cell.getWidth(), ...style });
    }
    while (runs.length > 0 && runs.at(-1).text.trim() === '') runs.pop();
    const end = runs.at(-1);
    if (end !== undefined) {
      end.width -= end.text.length - end.text.trimEnd().length;
      end.text = end.text.trimEnd();
    }
    lines.push(runs);
  }
  while (lines.length > 0 && lines.at(-1).length === 0) lines.pop();
  return lines;
}

function draw(lines, theme) {
  const palette = {
    light: {
      back: '#ffffff',
      edge: '#d0d7de',
      text: '#1f2328',
      dim: '#59636e',
      colors: [
        '#24292f',
        '#cf222e',
        '#116329',
        '#7d4e00',
        '#0969da',
        '#8250df',
        '#1b7c83',
        '#59636e',
      ],
    },
    dark: {
      back: '#0d1117',
      edge: '#3d444d',
      text: '#e6edf3',
      dim: '#9198a1',
      colors: [
        '#6e7681',
        '#ff7b72',
        '#3fb950',
        '#d29922',
        '#58a6ff',
        '#bc8cff',
        '#39c5cf',
        '#b1bac4',
      ],
    },
  }[theme];
  const [cell, height, margin] = [8.43, 19, 16];
  const width = Math.ceil(COLUMNS * cell + 2 * margin);
  const total = lines.length * height + 2 * margin;
  const texts = lines.flatMap((runs, row) =>
    runs
      .filter(({ text }) => text.trim() !== '')
      .map((run) => {
        const fill =
          run.color !== null ? palette.colors[run.color % 8] : run.dim ? palette.dim : palette.text;
        const attributes = [
          `x="${(margin + run.column * cell).toFixed(2)}"`,
          `y="${margin + row * height + 14}"`,
          // The font of a reader may be wider or narrower.
          `textLength="${(run.width * cell).toFixed(2)}"`,
          `fill="${fill}"`,
          ...(run.bold ? ['font-weight="bold"'] : []),
          ...(run.italic ? ['font-style="italic"'] : []),
          ...(run.underline ? ['text-decoration="underline"'] : []),
        ];
        return `<text ${attributes.join(' ')}>${escaped(run.text)}</text>`;
      }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}" role="img" aria-label="alltoken on a terminal">`,
    '<title>alltoken on a terminal</title>',
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${total - 1}" rx="8" fill="${palette.back}" stroke="${palette.edge}"/>`,
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14" xml:space="preserve">',
    ...texts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function escaped(text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
