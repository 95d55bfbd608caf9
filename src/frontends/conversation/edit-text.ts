/** Ctrl-X Ctrl-E: a message in the person's own editor. */
import type { TakenTerminal } from '../../base/deps.ts';
import { systemErrorCode } from '../../base/errors.ts';
import type { Conversation } from './conversation.ts';
import { MAX_PASTE } from './keys.ts';

/** The text as the editor left it, without the line end that editors add; null, and a note, where that failed. */
export async function editText(
  text: string,
  terminal: TakenTerminal | null,
  conversation: Conversation,
): Promise<string | null> {
  const { env, platform, files, path, uuid } = conversation.deps;
  const editor =
    env.VISUAL?.trim() || env.EDITOR?.trim() || (platform === 'win32' ? 'notepad' : 'vi');
  const directory = conversation.directory;
  const file = path.join(directory, `message-${uuid()}.md`);
  try {
    await files.makeDirectory(directory);
    await files.replace(file, text, { durable: false });
    const code = await terminal?.edit(editor, file);
    if (code === 0) {
      const edited = new TextDecoder().decode(await files.read(file, MAX_PASTE));
      return edited.replace(/\r\n/g, '\n').replace(/\n$/, '');
    }
    await conversation.note(`the editor (${editor}) failed; $VISUAL or $EDITOR names another`);
  } catch (error) {
    await conversation.note(`the editor cannot be used (${systemErrorCode(error) ?? 'error'})`);
  } finally {
    await files.remove(file).catch(() => {});
  }
  return null;
}
