/** The official client, as we use it: it offers a server nothing, and does not validate what the server's own schemas promise. */
import { Client, type JsonSchemaValidator } from '@modelcontextprotocol/client';

const MAX_PAGES = 32;

/** `onChanged`: the server announces another list of tools. */
export function makeClient(version: string, onChanged: () => void): Client {
  const client = new Client(
    { name: 'alltoken', version },
    {
      listMaxPages: MAX_PAGES,
      // Results go to a model, which reads what there is. The package's own validator is large.
      jsonSchemaValidator: {
        getValidator:
          <T>(): JsonSchemaValidator<T> =>
          (data) => ({ valid: true, data: data as T, errorMessage: undefined }),
      },
    },
  );
  client.setNotificationHandler('notifications/tools/list_changed', onChanged);
  // Whatever is wrong with the connection shows in the call that suffers from it.
  client.onerror = () => {};
  return client;
}
