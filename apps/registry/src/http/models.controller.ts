import { Controller, Get, Param } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';
import { ModelRows, type ModelVersionRow } from '../domain/model-rows.ts';

/** One model at a glance. */
export interface ModelSummary {
  readonly model: string;
  readonly versions: number;
  readonly newestVersion: number;
  readonly newestApproved: number | null;
  /** Versions whose gates have not decided yet. */
  readonly pending: readonly number[];
}

/** Versions, their figures and verdicts. A database that is away answers 503. */
@Controller('models')
export class ModelsController {
  private readonly rows: ModelRows;

  constructor(rows: ModelRows) {
    this.rows = rows;
  }

  @Get()
  async models(): Promise<ModelSummary[]> {
    const byModel = Map.groupBy(await this.rows.versions(), ({ model }) => model);
    return [...byModel].map(([model, versions]) => summaryOf(model, versions));
  }

  @Get(':model')
  async model(@Param('model') model: string): Promise<ModelSummary> {
    return summaryOf(model, await this.versions(model));
  }

  @Get(':model/versions')
  async versions(@Param('model') model: string): Promise<readonly ModelVersionRow[]> {
    const versions = await this.rows.versions(model);
    if (versions.length === 0) throw new MillraceError('NOT_FOUND', `no version of ${model} is registered`, { hint: 'see GET /models' });
    return versions;
  }

  @Get(':model/versions/:version')
  async version(@Param('model') model: string, @Param('version') version: string): Promise<ModelVersionRow> {
    const found = (await this.versions(model)).find((row) => String(row.version) === version);
    if (!found) throw new MillraceError('NOT_FOUND', `${model} has no version ${version}`, { hint: `see GET /models/${model}/versions` });
    return found;
  }
}

function summaryOf(model: string, versions: readonly ModelVersionRow[]): ModelSummary {
  const withStatus = (status: ModelVersionRow['status']): number[] => versions.filter((row) => row.status === status).map(({ version }) => version);
  return { model, versions: versions.length, newestVersion: versions.at(-1)?.version ?? 0, newestApproved: withStatus('approved').at(-1) ?? null, pending: withStatus('pending') };
}
