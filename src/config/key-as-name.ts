/** A name that holds the key in use would be in file names and in the ledger, where nothing removes it. */
import { CliError } from '../base/errors.ts';
import { say } from '../base/next-step.ts';
import { withoutSecrets } from '../base/secrets.ts';

/** `names`: by the flag that gives them. Throws `CliError` usage, without the name. */
export function refuseKeyAsName(
  names: Readonly<Record<string, string | readonly string[] | null | undefined>>,
  secrets: ReadonlySet<string>,
): void {
  for (const [flag, value] of Object.entries(names))
    for (const name of [value ?? []].flat())
      if (withoutSecrets(name, secrets) !== name)
        throw new CliError('usage', `${flag} contains the API key; nothing was sent`, {
          code: 'key_in_name',
          next: say(`${flag} is stored in files. Use a name without the key`),
        });
}
