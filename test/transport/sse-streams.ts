/** Streams as they stand on the wire, each with what it says. Every spelling that the wire facts allow is in one of them. */
import { comment, event, fixture, type Said } from './sse-log.ts';

export interface Stream {
  name: string;
  bytes: Buffer;
  says: Said[];
}

const cost =
  '{"cost":"0.0000188000","input_price":"0.0002000000","output_price":"0.0012500000","prompt_tokens":19,"completion_tokens":12}';

/** Every line of the fixture stands alone, so what it says can be read with the eye: one line, one thing said. */
const chatSays: Said[] = fixture('alltoken/chat.sse')
  .toString()
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => (line.startsWith(': ') ? comment(line.slice(2)) : event(line.slice(6))));

/** The chat stream, with other line ends and spellings. */
export const chatStreams: Stream[] = [
  ['LF', (text: string) => text],
  ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
  ['CR', (text: string) => text.replaceAll('\n', '\r')],
  ['a BOM', (text: string) => `\ufeff${text}`],
  ['no space after the colon', (text: string) => text.replace(/^(data)?: /gm, '$1:')],
].map(([name, change]) => ({
  name: `chat, ${name as string}`,
  bytes: Buffer.from((change as (text: string) => string)(fixture('alltoken/chat.sse').toString())),
  says: chatSays,
}));

const stream = (name: string, text: string, says: Said[]): Stream => ({
  name,
  bytes: Buffer.from(text),
  says,
});

/** Small and odd: short enough to be cut in two places at every position. */
export const oddStreams: Stream[] = [
  stream('all line ends mixed', 'data: a\r\n\r\ndata: b\r\rdata: c\n\ndata: d\r\n\ndata: e\n\r\n', [
    event('a'),
    event('b'),
    event('c'),
    event('d'),
    event('e'),
  ]),
  stream('a BOM and CRLF', '\ufeffdata: é\r\ndata:\r\ndata:  👩‍💻\r\n\r\n', [event('é\n\n 👩‍💻')]),
  stream('a BOM that is not the first is text', 'data: \ufeffa\n\n', [event('\ufeffa')]),
  stream('named events', 'event: error\ndata: {"error":1}\n\ndata: 2\n\nevent:x\n\ndata: 3\n\n', [
    event('{"error":1}', 'error'),
    event('2'),
    event('3'),
  ]),
  stream(
    'unknown fields',
    'id: 1\nretry: 5\ndata\nfoo: bar\ndatax: no\n data: no\nDATA: no\nevent\n\n',
    [event('')],
  ),
  stream('comments in and around events', ':one\ndata: a\n:  two \ndata: b\n\n:\n\n: last\n', [
    comment('one'),
    comment(' two '),
    event('a\nb'),
    comment(''),
    comment('last'),
  ]),
  stream('the cost unterminated', `data: [DONE]\r\n\r\n: ${cost}`, [
    event('[DONE]'),
    comment(cost),
  ]),
  stream('the last data line unterminated', 'data: a\n\nevent: m\ndata: b', [
    event('a'),
    event('b', 'm', false),
  ]),
  stream('the last blank line missing', 'data: a\r\n\r\ndata: b\r\n', [
    event('a'),
    event('b', '', false),
  ]),
  stream('a lone CR at the end', 'data: a\r\r', [event('a')]),
  stream('colons in the data', 'data: a: b\n\ndata::\n\ndata:: c\n\n', [
    event('a: b'),
    event(':'),
    event(': c'),
  ]),
  stream('tabs are no space, two spaces leave one', 'data:\ta\n\ndata:  b\n\n:\tc\n', [
    event('\ta'),
    event(' b'),
    comment('\tc'),
  ]),
  stream('nothing', '', []),
  stream('only blank lines', '\n\r\n\r\r\n\n', []),
];
