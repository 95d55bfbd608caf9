import { describe, expect, test } from 'vitest';
import { type ErrorBody, errorInJson, readErrorBody } from '../../src/transport/error-body.ts';

/** What a person and a script are told; the slugs are for the tables, see `vendors.test.ts`. */
type Said = Omit<ErrorBody, 'slugs'>;

function saidOf(body: ErrorBody | null): Said | null {
  if (body === null) return null;
  const { slugs: _, ...said } = body;
  return said;
}

const nothing: Said = {
  inEnvelope: false,
  code: null,
  type: null,
  message: '',
  requestId: null,
  taskId: null,
  param: null,
};

/** Each as it was seen on the wire, and what of it a person and a script are told. */
const shapes: [name: string, status: number, body: string, says: Partial<Said>][] = [
  [
    'a full envelope',
    401,
    '{"error":{"code":"invalid_api_key","message":"Invalid API key.","param":null,"type":"auth_error","request_id":"d81itf8gdg1fp5ko4bjg"}}',
    {
      inEnvelope: true,
      code: 'invalid_api_key',
      type: 'auth_error',
      message: 'Invalid API key.',
      requestId: 'd81itf8gdg1fp5ko4bjg',
    },
  ],
  [
    'the request id at the top',
    404,
    '{"error":{"type":"invalid_request_error","code":"model_not_found","message":"no such model"},"request_id":"req-top"}',
    {
      inEnvelope: true,
      code: 'model_not_found',
      type: 'invalid_request_error',
      message: 'no such model',
      requestId: 'req-top',
    },
  ],
  [
    'a code that repeats the status',
    401,
    '{"error":{"message":"bad key","type":"authentication_error","code":401}}',
    { inEnvelope: true, type: 'authentication_error', message: 'bad key' },
  ],
  [
    'a number for a code',
    400,
    '{"error":{"message":"nope","type":"api_error","code":1234}}',
    { inEnvelope: true, code: '1234', type: 'api_error', message: 'nope' },
  ],
  [
    'a task id',
    409,
    '{"error":{"code":"duplicate_request","message":"sent before","type":"invalid_request_error","task_id":"img_123","request_id":"r1"}}',
    {
      inEnvelope: true,
      code: 'duplicate_request',
      type: 'invalid_request_error',
      message: 'sent before',
      taskId: 'img_123',
      requestId: 'r1',
    },
  ],
  [
    'Anthropic',
    529,
    '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    { inEnvelope: true, type: 'overloaded_error', message: 'Overloaded' },
  ],
  [
    'ResponseMetadata',
    200,
    '{"ResponseMetadata":{"RequestId":"2026ABC","Error":{"Code":"InvalidParameter","Message":"bad group"}}}',
    { inEnvelope: true, code: 'InvalidParameter', message: 'bad group', requestId: '2026ABC' },
  ],
  [
    'a task that failed',
    200,
    '{"id":"vid_1","status":"failed","error":{"code":"upstream_error","message":"render failed","type":"api_error"}}',
    { inEnvelope: true, code: 'upstream_error', type: 'api_error', message: 'render failed' },
  ],
  [
    'an expired task',
    410,
    '{"id":"td3d_1","status":"completed","is_expired":true,"error":{"code":"result_expired","message":"gone","request_id":"r9"}}',
    { inEnvelope: true, code: 'result_expired', message: 'gone', requestId: 'r9' },
  ],
  [
    'a web session error with its id in the body',
    401,
    '{"error":{"code":"invalid_token","type":"auth_error","message":"no session"},"x-gateway-request-id":"gw-1"}',
    {
      inEnvelope: true,
      code: 'invalid_token',
      type: 'auth_error',
      message: 'no session',
      requestId: 'gw-1',
    },
  ],
  ['error as text', 402, '{"error":"out of credits"}', { message: 'out of credits' }],
  ['message as text', 500, '{"message":"boom"}', { message: 'boom' }],
  ['detail as text', 404, '{"detail":"Not Found"}', { message: 'Not Found' }],
  [
    'detail as a list',
    422,
    '{"detail":[{"loc":["body","model"],"msg":"field required","type":"value_error.missing"},{"loc":["body"],"msg":"too long"}]}',
    { message: 'model: field required; too long', param: 'model' },
  ],
  ['detail as an object', 400, '{"detail":{"message":"deep"}}', { message: 'deep' }],
  [
    'FastAPI: a field below the body',
    422,
    '{"detail":[{"loc":["body","messages",0,"content"],"msg":"too long","type":"string_too_long"}]}',
    { message: 'messages.0.content: too long', param: 'messages.0.content' },
  ],
  [
    'FastAPI: a header',
    422,
    '{"detail":[{"loc":["header","x-id"],"msg":"missing","type":"missing"}]}',
    { message: 'x-id: missing', param: 'x-id' },
  ],
  ['errors without a code', 400, '{"errors":[{"message":"bad"}]}', { message: 'bad' }],
  [
    'GraphQL: a code among the extensions',
    400,
    '{"errors":[{"message":"bad","extensions":{"code":"BAD_INPUT"}}]}',
    { inEnvelope: true, message: 'bad', code: 'BAD_INPUT' },
  ],
  ['error as a list of sentences', 400, '{"error":["one","two"]}', { message: 'one; two' }],
  ['error as a number', 500, '{"error":7,"message":"boom"}', { message: 'boom' }],
  [
    'a code that was never set',
    500,
    '{"error":{"code":0,"message":"boom"}}',
    { inEnvelope: true, message: 'boom' },
  ],
  [
    'a type at the top',
    500,
    '{"message":"boom","type":"broken"}',
    { message: 'boom', type: 'broken' },
  ],
  [
    'AWS: errorType',
    500,
    '{"errorMessage":"boom","errorType":"Broken"}',
    { message: 'boom', type: 'Broken' },
  ],
  [
    'message with a code',
    400,
    '{"code":"E42","message":"loose"}',
    { code: 'E42', message: 'loose' },
  ],
];

describe('an error body', () => {
  test.each(shapes)('of this shape is understood: %s', (_, status, body, says) => {
    expect(saidOf(readErrorBody(body, status))).toEqual({ ...nothing, ...says });
  });

  test('is the same found inside a stream', () => {
    for (const [, status, body, says] of shapes)
      expect(saidOf(errorInJson(JSON.parse(body), status))).toEqual({ ...nothing, ...says });
  });

  test('tells the request id nearest to the error', () => {
    const body = (error: object, top: object): string | null =>
      readErrorBody(JSON.stringify({ error: { message: 'x', ...error }, ...top }), 500).requestId;
    const gateway = { 'x-gateway-request-id': 'gateway' };
    expect(body({ request_id: 'inner' }, { request_id: 'top', ...gateway })).toBe('inner');
    expect(body({}, { request_id: 'top', ...gateway })).toBe('top');
    expect(body({ request_id: '' }, gateway)).toBe('gateway');
    expect(body({ request_id: null }, { ResponseMetadata: { RequestId: 'meta' } })).toBe('meta');
    expect(body({ request_id: {} }, {})).toBeNull();
    expect(body({ request_id: 42 }, {})).toBe('42');
  });

  test('under another status keeps a number as its code', () => {
    const body = '{"error":{"message":"slow down","code":429}}';
    expect(readErrorBody(body, 200).code).toBe('429');
    expect(readErrorBody(body, null).code).toBe('429');
    expect(readErrorBody('{"error":{"message":"m","code":"401"}}', 401).code).toBeNull();
  });
});

describe('what is no known shape', () => {
  test('says what the XML of a storage says', () => {
    const xml =
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>no</Message></Error>';
    expect(readErrorBody(xml, 403).message).toBe('AccessDenied: no');
    expect(readErrorBody('<Error><Message>no</Message></Error>', 403).message).toBe('no');
    expect(readErrorBody('<Error><Code>AccessDenied</Code></Error>', 403).message).toBe(
      'AccessDenied',
    );
  });

  test('is searched for words, but not for ever', () => {
    const nested = (depth: number): string =>
      `${'{"x":'.repeat(depth)}{"message":"deep"}${'}'.repeat(depth)}`;
    expect(readErrorBody(nested(5), 500).message).toBe('deep');
    expect(readErrorBody(nested(20), 500).message).toBe('HTTP 500 without a message');
    const late = JSON.stringify({
      list: Array.from({ length: 49 }, () => Array(20).fill(0)),
      other: { message: 'late' },
    });
    expect(readErrorBody(late, 500).message).toBe('HTTP 500 without a message');
  });
});

describe('JSON that is no error', () => {
  test.each([
    'null',
    '[]',
    '{}',
    '7',
    '"text"',
    'true',
    '{"error":null}',
    '{"error":""}',
    '{"error":false}',
    '{"error":[]}',
    '{"detail":[]}',
    '{"detail":[{}]}',
    '{"message":{}}',
    '{"choices":[{"delta":{"content":"error"}}],"error":null}',
    '["a sentence"]',
    '{"code":0,"message":"success","data":{}}',
    '{"code":" OK ","message":"done"}',
    '{"error_code":"200","message":"done"}',
    '{"error":{"code":0,"message":"success"}}',
    '{"success":true,"message":"done"}',
  ])('is not taken for one: %s', (body) => {
    expect(errorInJson(JSON.parse(body), 200)).toBeNull();
  });
});
