/**
 * Writes docs/configuration.md from the options of all services: service-options.ts, and the <name>.config.ts of each app that has
 * one. Run by `npm run generate` from what was built, since Node cannot run the decorated classes of the source; a test fails when
 * the result differs from what is committed.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MillraceError } from '@millrace/contracts';
import { textOption, type Options } from '../option.ts';
import { serviceOptions } from '../service-options.ts';
import { renderConfiguration, type OptionGroup } from './render-configuration.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..', '..');
/** Where this runs: `src` in tests, `dist` as a script. */
const [place, ending] = import.meta.filename.endsWith('.ts') ? ['src', '.config.ts'] : ['dist', '.config.js'];

/** What is no option of one service, but of the program that starts them all, or of a library. */
const surroundings: Options = {
  brokers: textOption({ variable: 'KAFKA_BROKERS', about: 'Addresses of a running Kafka, host:port, separated by commas; replaces the embedded one.', fallback: '' }),
  database: textOption({ variable: 'DATABASE_URL', about: 'A running PostgreSQL, postgres://user:password@host:port/database; replaces the embedded one.', fallback: '' }),
  dataDir: textOption({ variable: 'MILLRACE_DATA_DIR', about: 'Folder of everything that is kept: Kafka, PostgreSQL, archive, models. `--data-dir` overrides it.', fallback: '.millrace' }),
  javaHome: textOption({ variable: 'JAVA_HOME', about: 'Java for the embedded Kafka, 17 or newer. Default: `java` of the path.', fallback: '' }),
  telemetry: textOption({ variable: 'OTEL_EXPORTER_OTLP_ENDPOINT', about: 'Base address of a receiver of traces by OTLP over HTTP, like http://127.0.0.1:4318. Empty = no telemetry is loaded. Further `OTEL_…` variables are those of the OpenTelemetry specification.', fallback: '' }),
};

/** The text of docs/configuration.md. */
export async function configurationPage(): Promise<string> {
  const groups: OptionGroup[] = [
    { title: 'On one machine', about: '`npm start` and `millrace up` read these and hand the rest on to the services.', options: surroundings },
    { title: 'Every service', about: '`millrace up` sets KAFKA_BROKERS, ARTIFACTS_URL and, unless given, MILLRACE_SEAL_MS=1000.', options: portable(serviceOptions) },
  ];
  for (const service of readdirSync(path.join(root, 'apps')).sort()) {
    for (const file of filesOf(path.join(root, 'apps', service, place)).filter((name) => name === `${service}${ending}`)) {
      const exported = (await import(pathToFileURL(path.join(root, 'apps', service, place, file)).href)) as Record<string, unknown>;
      const options = Object.entries(exported).find(([name]) => name.endsWith('Options') && !name.startsWith('read') && typeof exported[name] === 'object')?.[1];
      if (!options) throw new MillraceError('OPTIONS_MISSING', `${service}/${file} exports no object whose name ends in Options`);
      groups.push({ title: service, about: `Read by ${service} alone, beside those of every service.`, options: options as Options });
    }
  }
  return renderConfiguration(groups);
}

/** Defaults that differ from machine to machine are told by their sentence alone. */
function portable(options: Options): Options {
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.variable === 'MILLRACE_INSTANCE' ? { ...option, fallback: '' } : option]));
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(path.join(root, 'docs', 'configuration.md'), await configurationPage());
