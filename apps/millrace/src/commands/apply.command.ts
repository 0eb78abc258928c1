import { Command } from 'commander';
import { dataDirOption } from './data-dir-option.ts';

export function applyCommand(): Command {
  return new Command('apply')
    .description('declare streams, features and models: all that a file defines, or nothing')
    .argument('<file>', 'TypeScript or JavaScript module that exports definitions')
    .addOption(dataDirOption())
    .action(async (file: string, { dataDir }: { dataDir: string }) => {
      const [{ loadDefinitions }, { addressOf, requireRunning }, { ConsoleClient }, { whoAsks }] = await Promise.all([
        import('../client/load-definitions.ts'),
        import('../client/console-address.ts'),
        import('../client/console-client.ts'),
        import('../client/who.ts'),
      ]);
      const { json } = await loadDefinitions(file);
      const client = new ConsoleClient(addressOf(requireRunning(dataDir), 'console'));
      const { hash, changed, schemas } = await client.apply(json, whoAsks());
      console.log(`${changed ? 'applied' : 'already in force'}: ${hash.slice(0, 8)}, streams ${schemas.map(({ stream, schemaId }) => `${stream} (schema ${schemaId})`).join(', ')}`);
    });
}
