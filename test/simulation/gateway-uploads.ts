/** Uploads as AllToken has them: a claim is given out, the bytes are put to another host, and a task takes the claim, once. */
import { createHash } from 'node:crypto';
import { json, jsonOf, refusal } from './gateway-base.ts';
import type { Answer, Arrived, Server } from './network.ts';
import { faultsOf } from './network-faults.ts';

export const STORAGE = 'https://uploads.alltoken-cdn.com';

interface Claim {
  purpose: string;
  type: string;
  md5: string;
  sha256: string;
  length: number;
  isStored: boolean;
  isTaken: boolean;
}

const md5Of = (bytes: Buffer): string => createHash('md5').update(bytes).digest('base64');
const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export class Uploads {
  readonly #claims = new Map<string, Claim>();

  presign({ body }: Arrived): Answer {
    const asked = jsonOf(body);
    const length = Number(asked.content_length);
    const claim: Claim = {
      purpose: String(asked.purpose),
      type: String(asked.content_type),
      md5: String(asked.content_md5),
      sha256: String(asked.checksum_sha256),
      length,
      isStored: false,
      isTaken: false,
    };
    const isRight =
      /^(image_edit_source|image_edit_mask|video_input_image)$/.test(claim.purpose) &&
      claim.type === 'image/png' &&
      /^[A-Za-z0-9+/]{22}==$/.test(claim.md5) &&
      /^[0-9a-f]{64}$/.test(claim.sha256) &&
      length >= 1;
    if (!isRight) return refusal(400, 'invalid_request');
    const id = `upl_${this.#claims.size + 1}`;
    this.#claims.set(id, claim);
    return json(200, {
      upload_url: `${STORAGE}/${id}?sig=secret-sig`,
      method: 'PUT',
      required_headers: { 'Content-Type': claim.type, 'Content-MD5': claim.md5 },
      upload_id: id,
      expires_in: 300,
      max_content_length: 26_214_400,
    });
  }

  /** Takes all claims that a body names, or says why not. `again`: the same purchase, which has them already. */
  take(asked: readonly (readonly [id: unknown, purpose: string])[]): Answer | null {
    const claims = asked.map(([id, purpose]) => ({ claim: this.#claims.get(String(id)), purpose }));
    for (const { claim, purpose } of claims)
      if (claim === undefined || claim.purpose !== purpose || !claim.isStored || claim.isTaken)
        return refusal(400, 'invalid_upload');
    for (const { claim } of claims) if (claim !== undefined) claim.isTaken = true;
    return null;
  }

  /** It must never see a key, and takes only what was announced. */
  storage(): Server {
    return {
      routeOf: () => 'PUT upload',
      faultsOf,
      answer: ({ url, headers, body }, _route, fault) => {
        if (fault === '403') return refusal(403, 'expired');
        if (fault === '503') return refusal(503, 'busy');
        const claim = this.#claims.get(url.pathname.slice(1));
        const isRight =
          claim !== undefined &&
          headers['content-type'] === claim.type &&
          headers['content-md5'] === claim.md5 &&
          body.length === claim.length &&
          md5Of(body) === claim.md5 &&
          sha256Of(body) === claim.sha256;
        if (!isRight) return refusal(400, 'bad_digest');
        claim.isStored = true;
        return { status: 200, headers: { 'content-length': '0' }, after: 30, pieces: [] };
      },
    };
  }
}
