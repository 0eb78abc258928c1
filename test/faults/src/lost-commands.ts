import { decodeOwn, readTopic } from '@millrace/verification';

/**
 * Commands that were answered 202 and do not stand exactly once in the log, in words.
 *
 * @param prefix of the workspace, with its dot
 */
export async function lostCommands(brokers: string, prefix: string, commandIds: readonly string[]): Promise<string[]> {
  if (commandIds.length === 0) return [];
  const times = new Map<string, number>();
  for (const { value } of await readTopic({ brokers, topic: `${prefix}commands`, timeoutMs: 60_000 })) {
    const { stem, fields } = decodeOwn(value);
    if (stem === 'command-issued') times.set(fields.commandId, (times.get(fields.commandId) ?? 0) + 1);
  }
  return commandIds.filter((id) => times.get(id) !== 1).map((id) => `commands: ${id} was answered 202 and stands ${times.get(id) ?? 0} times in the log`);
}
