/** Draws an image on a terminal: kitty's and iTerm2's own way where they are, half blocks elsewhere. Loaded only for `--preview`: it decodes images. */
import terminalImage from 'terminal-image';

/** Rejects for bytes that are not an image in a supported format. */
export async function drawImage(bytes: Uint8Array): Promise<string> {
  return terminalImage.buffer(bytes, { width: '60%', height: '60%', preserveAspectRatio: true });
}
