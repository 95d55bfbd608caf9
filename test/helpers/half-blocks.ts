/** Reads half blocks back into pixels, as a terminal with 24 bits of colour would show them. */

/** With signs for ESC and BEL, so that a pattern can name them. */
export function visible(text: string): string {
  return text.replaceAll('\x1b', '␛').replaceAll('\x07', '␇');
}

/** `r,g,b` of each pixel, line by line; '' is the terminal's own background. Throws for anything else than half blocks. */
export function pixelsOf(text: string): string[][] {
  return visible(text)
    .split('\n')
    .flatMap((line) => {
      const upper: string[] = [];
      const lower: string[] = [];
      let [front, back] = ['', ''];
      let rest = line;
      while (rest !== '') {
        const [found, sgr, block] = /^(?:␛\[0((?:;\d+)*)m|([ ▀▄]))/.exec(rest) ?? [];
        if (found === undefined)
          throw new Error(`neither a block nor a colour: ${rest.slice(0, 20)}`);
        rest = rest.slice(found.length);
        if (sgr !== undefined) {
          front = /;38;2;(\d+;\d+;\d+)/.exec(sgr)?.[1]?.replaceAll(';', ',') ?? '';
          back = /;48;2;(\d+;\d+;\d+)/.exec(sgr)?.[1]?.replaceAll(';', ',') ?? '';
          continue;
        }
        upper.push(block === '▀' ? front : back);
        lower.push(block === '▄' ? front : back);
      }
      return [upper, lower];
    });
}
