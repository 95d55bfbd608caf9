/** The answers that the server sends and the harness expects, to the byte; pure, no I/O. */
import { createHash } from 'node:crypto';

export const model = 'gpt-5.4-mini';

const words = [
  'The ',
  'answer ',
  'arrives in ',
  'small pieces, ',
  'each one a few ',
  'characters long, ',
  'some with a naïve — ',
  '“quoted” ',
  'or 你好 ',
  'word, some ',
  'with a line end.\n',
  'and so on ',
];

function event(choices, usage) {
  const head = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_750_000_000 };
  return `data: ${JSON.stringify({ ...head, model, choices, usage })}\n\n`;
}

function delta(content, finishReason = null) {
  const body = content === null ? {} : { content };
  return event([{ index: 0, delta: body, logprobs: null, finish_reason: finishReason }], null);
}

export const cost = '0.0000188000';

/** What follows the last delta: finish_reason, usage, `[DONE]`, and the cost as a comment. */
const ending = [
  delta(null, 'stop'),
  event([], { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 }),
  'data: [DONE]\n\n',
  `: {"cost":"${cost}","prompt_tokens":19,"completion_tokens":12}\n\n`,
];

function sha256(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function fingerprint(text) {
  return { bytes: Buffer.byteLength(text), sha256: sha256([text]) };
}

// Every answer ends in a line end, so that no contestant has one to add and all print the same.
const shortWords = [...words.slice(0, 11), '\n'];
const shortEvents = [...shortWords.map((word) => delta(word)), ...ending];

/** Twelve deltas and the ending, one event an item; `text` is what a client prints, `wire` what curl does. */
export const shortAnswer = {
  events: shortEvents,
  text: fingerprint(shortWords.join('')),
  wire: fingerprint(shortEvents.join('')),
};

/** What models write: each kind of block once, in the proportions of a long answer. */
const markdownText = `## Choosing a pool size

A **connection pool** keeps a few open connections, so that *no request* pays for a handshake of its own. See
[the manual](https://db.example/manual/pools) for \`max_connections\`, and remember that more connections than the database
has workers make nothing faster — naïve “tuning” often makes it slower. 连接池的大小需要测量。

1. Measure how many queries run at once, and for how long each of them keeps its connection.
2. Set the size:

   \`\`\`python
   pool = make_pool(min_size=2, max_size=10, timeout=30)
   with pool.connection() as connection:
       connection.execute("select 1")
   \`\`\`
3. Watch what waits:
   - clients in the queue, and what they wait for when the pool is exhausted
   - [x] time that connections are idle

> The right size is smaller than you think, and it is found by measuring.

| Setting | Default | Meaning |
|---------|--------:|---------|
| \`min_size\` | 0 | connections that stay open |
| \`max_size\` | 10 | at most so many |

`;

/** An answer of about `megabytes` × 10^6 bytes of markdown, in deltas of 24 characters; it ends in a line end. */
export function markdownAnswer(megabytes) {
  const blockText = markdownText.repeat(Math.ceil(1e6 / Buffer.byteLength(markdownText)));
  const pieces = Array.from(blockText.match(/[\s\S]{1,24}/gu), (piece) => delta(piece));
  const block = Buffer.from(pieces.join(''));
  const tail = Buffer.from(ending.join(''));
  const textBytes = Buffer.byteLength(blockText);
  return {
    block,
    tail,
    megabytes,
    wire: {
      bytes: block.length * megabytes + tail.length,
      sha256: sha256(repeated(block, megabytes, tail)),
    },
    text: {
      bytes: textBytes * megabytes,
      sha256: sha256(repeated(blockText, megabytes, '')),
    },
  };
}

function* repeated(block, times, tail) {
  for (let index = 0; index < times; index += 1) yield block;
  yield tail;
}

/**
 * An answer of `megabytes` × 10^6 bytes on the wire (less than a thousandth off): one block of whole
 * events, sent `megabytes` times, then `tail`. `text` and `wire` are what must come out, as byte
 * count and hash.
 */
export function bigAnswer(megabytes) {
  let wire = '';
  let text = '';
  let bytes = 0;
  for (let index = 0; bytes < 999_800; index += 1) {
    const word = words[index % words.length];
    const line = delta(word);
    wire += line;
    text += word;
    bytes += Buffer.byteLength(line);
  }
  const block = Buffer.from(wire);
  const blockText = Buffer.from(text);
  const tail = Buffer.from(delta('\n') + ending.join(''));
  return {
    block,
    tail,
    megabytes,
    wire: {
      bytes: block.length * megabytes + tail.length,
      sha256: sha256(repeated(block, megabytes, tail)),
    },
    text: {
      bytes: blockText.length * megabytes + 1,
      sha256: sha256(repeated(blockText, megabytes, '\n')),
    },
  };
}
