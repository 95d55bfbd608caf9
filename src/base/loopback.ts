/** Which hosts are this machine itself. It resolves no name. */

/** 127.0.0.0/8, ::1 (with or without brackets) and localhost: where plain http exposes a key to no other machine. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase();
  if (host === 'localhost' || host === '::1' || host === '[::1]') return true;
  const octets = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host);
  return octets?.slice(1).every((octet) => Number(octet) <= 255) ?? false;
}
