import { describe, expect, test } from 'vitest';
import type { AskOptions } from '../../helpers/ask.ts';
import { type Drawn, drawAt, expectFailed, records } from '../../helpers/image.ts';
import { type Script, startImageGateway } from '../../helpers/image-gateway.ts';
import {
  created,
  dropped,
  errorReply,
  json,
  page,
  picture,
  presigned,
  redirectTo,
} from '../../helpers/image-replies.ts';

/** An edit whose upload meets trouble: whatever it is, no create request and nothing left behind. */
async function edit(
  script: Script | ((gateway: Awaited<ReturnType<typeof startImageGateway>>) => Script),
  options: AskOptions = {},
): Promise<Drawn> {
  const gateway = await startImageGateway();
  gateway.script = typeof script === 'function' ? script(gateway) : script;
  const home = { 'in.png': picture(3000) };
  const argv = ['--json', '--image', 'in.png', '-o', 'out.png', 'Red'];
  return drawAt(gateway, argv, { home, ...options });
}

function expectNotBought({ gateway, world }: Drawn): void {
  expect(gateway.to('create')).toEqual([]);
  expect(world.ledger()).toEqual([]);
}

describe('an upload that fails buys nothing', () => {
  test('a gateway without uploads says that a public address is needed', async () => {
    const drawn = await edit({ presign: errorReply(404, 'not_found') });
    expectFailed(drawn, {
      exit: 2,
      name: 'usage',
      code: 'no_uploads',
      message: /does not accept uploads/,
      hint: /public https URL/,
      billed: 'no',
    });
    expectNotBought(drawn);
  });

  const refusals: [number, string, number, string][] = [
    [400, 'invalid_request', 25, 'rejected'],
    [401, 'invalid_api_key', 21, 'auth'],
    [402, 'insufficient_balance', 22, 'balance'],
    [403, 'forbidden', 23, 'forbidden'],
    [413, 'too_large', 25, 'rejected'],
    [422, 'bad_type', 25, 'rejected'],
    [429, 'rate_limited', 30, 'rate_limited'],
    [500, 'ServerError', 31, 'upstream'],
  ];
  test.each(refusals)('presign answers %d %s: %d', async (status, code, exit, name) => {
    const drawn = await edit({ presign: errorReply(status, code) });
    expectFailed(drawn, { exit, name, code, billed: 'no' });
    expectNotBought(drawn);
  });

  test('presign that is lost is asked again', async () => {
    const drawn = await edit((gateway) => ({ presign: [dropped, presigned(gateway)] }));
    expect(drawn.code, drawn.world.err()).toBe(0);
    expect(drawn.gateway.to('presign')).toHaveLength(2);
  });

  test('presign without a place', async () => {
    const drawn = await edit({ presign: json(200, { upload_id: 'upl_1' }) });
    expectFailed(drawn, { exit: 31, name: 'upstream', code: 'upload_failed', billed: 'no' });
    expectNotBought(drawn);
  });

  test('presign that answers with a page', async () => {
    const drawn = await edit({ presign: page(200) });
    expectFailed(drawn, { exit: 41, name: 'protocol', code: 'html', billed: 'no' });
    expect(drawn.world.err()).not.toContain('may have been billed');
    expectNotBought(drawn);
  });

  test('a file above what the gateway takes is not put', async () => {
    const drawn = await edit((gateway) => ({
      presign: presigned(gateway, { max_content_length: 2999 }),
    }));
    expectFailed(drawn, {
      exit: 25,
      name: 'rejected',
      code: 'upload_failed',
      message: /in\.png.*2999/,
      billed: 'no',
    });
    expect(drawn.gateway.to('put')).toEqual([]);
    expectNotBought(drawn);
  });

  test.each([400, 403, 411, 412])('storage answers %d', async (status) => {
    const xml = '<?xml version="1.0"?><Error><Code>SignatureDoesNotMatch</Code></Error>';
    const drawn = await edit({ put: (response) => void response.writeHead(status).end(xml) });
    expectFailed(drawn, {
      exit: 25,
      name: 'rejected',
      code: 'upload_failed',
      message: new RegExp(`in\\.png.*${status}`),
      billed: 'no',
    });
    expectNotBought(drawn);
  });

  test('storage that is busy for a moment is asked again', async () => {
    const ok: Script['put'] = (response) => void response.writeHead(200).end();
    const busy: Script['put'] = (response) => void response.writeHead(503).end('SlowDown');
    const drawn = await edit({ put: [busy, ok] });
    expect(drawn.code, drawn.world.err()).toBe(0);
    const sizes = drawn.gateway.to('put').map(({ bytes }) => bytes.length);
    expect(sizes).toEqual([3000, 3000]);
  });

  test('storage that stays down', async () => {
    const drawn = await edit({ put: (response) => void response.writeHead(503).end('SlowDown') });
    expectFailed(drawn, { exit: 31, name: 'upstream', code: 'upload_failed', billed: 'no' });
    expectNotBought(drawn);
  });

  test('storage that redirects is not followed', async () => {
    const drawn = await edit((gateway) => ({ put: redirectTo(gateway.fileUrl('elsewhere')) }));
    expect(drawn.code).toBeGreaterThanOrEqual(20);
    expect(drawn.gateway.to('file')).toEqual([]);
    expectNotBought(drawn);
  });

  const inner = [
    'http://10.0.0.1/bucket/x',
    'https://192.168.0.10/bucket/x',
    'https://169.254.169.254/latest/meta-data',
    'http://storage.example/bucket/x',
    'https://user:secret@storage.example/x',
    'file:///etc/passwd',
    'nonsense',
  ];
  test.each(inner)('a place that is not safe to put to: %s', async (upload_url) => {
    const drawn = await edit((gateway) => ({ presign: presigned(gateway, { upload_url }) }));
    expectFailed(drawn, { exit: 31, name: 'upstream', code: 'unsafe_url', billed: 'no' });
    expectNotBought(drawn);
  });

  test('a target that cannot be written is found before anything is uploaded', async () => {
    const drawn = await edit({}, { home: { 'in.png': picture(), 'out.png': 'mine' } });
    expectFailed(drawn, { exit: 50, name: 'local_io', code: 'output_exists', billed: 'no' });
    expect(drawn.gateway.requests).toEqual([]);
  });

  test('a create that is refused after the upload leaves no record', async () => {
    const drawn = await edit({ create: errorReply(400, 'invalid_request') });
    expectFailed(drawn, { exit: 25, name: 'rejected', billed: 'no' });
    expect(drawn.gateway.to('create')).toHaveLength(1);
    expect(records(drawn.world)).toEqual([]);
  });

  test('a create after a lost reply repeats the upload id, and uploads nothing again', async () => {
    const duplicate = errorReply(409, 'duplicate_request', { task_id: 'igen_first' });
    const drawn = await edit({ create: [dropped, duplicate, created()] });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expect(drawn.gateway.to('put')).toHaveLength(1);
    const ids = drawn.gateway.to('create').map(({ json: body }) => body?.image_upload_id);
    expect(ids).toEqual(['upl_1', 'upl_1']);
  });
});
