/** Signs the addresses of stored files and uploads, and checks them. It knows no file and no upload. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface SignedPath {
  path: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** Lets one path have another address later. */
  serial: number;
}

export class UrlSigner {
  private readonly secret = randomBytes(32);

  /** The path with its query. */
  sign(signed: SignedPath): string {
    const { expiresAt, path, serial } = signed;
    const signature = this.signature(signed);
    return `${path}?expires=${expiresAt}&serial=${serial}&signature=${signature}`;
  }

  /** null when `query` was not made by this signer for this path. It may well have expired. */
  read(path: string, query: URLSearchParams): SignedPath | null {
    const signed = {
      path,
      expiresAt: Number(query.get('expires')),
      serial: Number(query.get('serial')),
    };
    const wanted = Buffer.from(this.signature(signed));
    const given = Buffer.from(query.get('signature') ?? '');
    return given.length === wanted.length && timingSafeEqual(given, wanted) ? signed : null;
  }

  private signature({ expiresAt, path, serial }: SignedPath): string {
    const hmac = createHmac('sha256', this.secret);
    return hmac.update(`${path}\n${expiresAt}\n${serial}`).digest('hex');
  }
}
