/** The form of each message, before the protocol reads it: what is no message is answered, because a host would wait for it forever. It knows no method. */
import { asObject, type JsonObject } from '../../base/json.ts';

/** Codes of JSON-RPC 2.0. */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const INVALID_PARAMS = -32_602;

type Checked =
  /** The line to read: the same one, or one without the fields that are not of JSON-RPC. null: nothing to read. */
  | { line: Uint8Array; message: JsonObject }
  | { line: null }
  /** The answer, as one line without its end. */
  | { answer: string };

/** With any other field, or a mark in front of it, the reader behind us drops a message without a word, and a host waits forever. */
const ofRequests: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params']);
const ofAnswers: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'result', 'error']);

/** The first byte of a byte order mark in UTF-8; JSON never begins with it. */
const BOM = 0xef;

const NEWLINE = 0x0a;

/** Never throws. */
export function checkLine(line: Uint8Array): Checked {
  const text = new TextDecoder().decode(line);
  if (text.trim() === '') return { line: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refusal(PARSE_ERROR, 'Parse error: this line is not JSON', null);
  }
  if (Array.isArray(value))
    return refusal(INVALID_REQUEST, 'Invalid Request: send each message by itself', null);
  const message = asObject(value);
  if (message === null || message.jsonrpc !== '2.0')
    return refusal(INVALID_REQUEST, 'Invalid Request: no JSON-RPC 2.0 message', idOf(message));
  return checkFields(message, line);
}

function checkFields(message: JsonObject, line: Uint8Array): Checked {
  const { id, method, params } = message;
  const isAnswer = method === undefined && ('result' in message || 'error' in message);
  if (!isAnswer && typeof method !== 'string')
    return refusal(INVALID_REQUEST, 'Invalid Request: method is not a text', idOf(message));
  if (id !== undefined && idOf(message) === null) {
    // An error that answers none of our messages has a null id.
    if (isAnswer) return { line: null };
    return refusal(INVALID_REQUEST, 'Invalid Request: id is neither a text nor a number', null);
  }
  const given = asObject(params);
  if (params !== undefined && params !== null && given === null) {
    if (id === undefined) return { line: null };
    return refusal(INVALID_PARAMS, 'Invalid params: not an object', idOf(message));
  }
  const names = isAnswer ? ofAnswers : ofRequests;
  const isClean = Object.keys(message).every((name) => names.has(name)) && line[0] !== BOM;
  if (isClean && params !== null && !hasNull(given)) return { line: ended(line), message };
  const fields = Object.entries(message).filter(([name]) => names.has(name));
  const whole = {
    ...Object.fromEntries(fields),
    params: given === null ? undefined : filled(given),
  };
  return { line: Buffer.from(`${JSON.stringify(whole)}\n`), message };
}

/** The last line may lack its end. */
function ended(line: Uint8Array): Uint8Array {
  return line.at(-1) === NEWLINE ? line : Buffer.concat([line, Buffer.of(NEWLINE)]);
}

function hasNull(params: JsonObject | null): boolean {
  return params !== null && Object.values(params).includes(null);
}

/** null is absent: some hosts write each field that there is. */
function filled(params: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null));
}

function idOf(message: JsonObject | null): string | number | null {
  const id = message?.id;
  return typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id)) ? id : null;
}

function refusal(code: number, message: string, id: string | number | null): Checked {
  return { answer: JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }) };
}
