import pc from 'picocolors';
import type { PlatformOverview, ServiceOverview } from '../client/platform-overview.ts';
import { counted } from './figures.ts';
import { table } from './table.ts';

/** The state of everything, for people. */
export function overviewText({ dataDir, brokers, databaseUrl, workspace, servers, services, models, rejected }: PlatformOverview): string {
  const processOf = (name: string): string => (servers[name] ? ` (process ${servers[name].pid})` : '');
  return [
    `data       ${dataDir}${workspace ? `, workspace ${workspace}` : ''}`,
    `Kafka      ${brokers}${processOf('kafka')}`,
    `PostgreSQL ${databaseUrl}${processOf('postgres')}`,
    '',
    ...table([['service', 'process', 'door', 'lag', 'memory', 'restarts', ''].map((head) => pc.dim(head)), ...services.map(serviceRow)], [1, 3, 4, 5]),
    ...services.flatMap(({ troubles }) => troubles.map((trouble) => pc.yellow(`! ${trouble}`))),
    '',
    ...(models.length === 0 ? ['no model is declared'] : models.map(modelLine)),
    ...(rejected ? [`${counted(rejected)} posted records were rejected`] : []),
  ].join('\n');
}

function serviceRow({ name, pid, address, lag, memoryBytes, restarts, jobs }: ServiceOverview): string[] {
  const work = jobs.map(({ job, share, text, waiting }) => `${job} ${waiting ? 'waits' : `${Math.round(share * 100)} %`}: ${text}`).join('; ');
  const state = lag === null ? pc.red('does not answer') : work;
  return [name, String(pid ?? '–'), address ?? '–', lag === null ? '–' : counted(lag), memoryBytes === null ? '–' : `${Math.round(memoryBytes / 1e6)} MB`, String(restarts), state];
}

function modelLine({ name, champion, epoch, rollout }: PlatformOverview['models'][number]): string {
  const serving = champion ? `champion version ${champion.version} (${champion.bundle.slice(0, 8)}), route epoch ${epoch}` : 'no version answers yet';
  const taking = rollout ? `; version ${rollout.version} ${rollout.stage} at ${rollout.weight} %, waits for ${rollout.waitsFor}` : '';
  return `model ${name}: ${serving}${taking}`;
}
