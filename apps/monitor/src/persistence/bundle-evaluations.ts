import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { MillraceError, type Evaluation } from '@millrace/contracts';
import { Shared } from '@millrace/service';
import { Evaluations } from '../domain/evaluations.ts';

const digestPattern = /^[0-9a-f]{64}$/;
const manifestFile = 'manifest.json';
const evaluationFile = 'evaluation.json';

/** Reads evaluation.json of a bundle at once, since a decision cannot wait, and checks it against the digest. */
@Injectable()
export class BundleEvaluations extends Evaluations {
  private readonly folder: string;
  private readonly known = new Map<string, Evaluation>();

  constructor(shared: Shared) {
    super();
    this.folder = resolve(shared.options.artifacts, 'bundles');
  }

  of(digest: string): Evaluation {
    let evaluation = this.known.get(digest);
    if (!evaluation) this.known.set(digest, (evaluation = this.read(digest)));
    return evaluation;
  }

  private read(digest: string): Evaluation {
    if (!digestPattern.test(digest)) throw new MillraceError('BUNDLE_CORRUPT', `'${digest}' is no digest of a bundle`);
    const manifest = this.file(digest, manifestFile, digest);
    const { [evaluationFile]: expected } = JSON.parse(manifest.toString()) as Record<string, string>;
    if (expected === undefined) throw new MillraceError('BUNDLE_CORRUPT', `bundle ${digest} has no ${evaluationFile}`);
    return (JSON.parse(this.file(digest, evaluationFile, expected).toString()) as { candidate: Evaluation }).candidate;
  }

  private file(digest: string, name: string, expected: string): Buffer {
    const path = join(this.folder, digest, name);
    let content: Buffer;
    try {
      content = readFileSync(path);
    } catch (cause) {
      throw new MillraceError('BUNDLE_MISSING', `${path} cannot be read`, { retriable: true, cause, hint: 'restore the bundle: a trigger compares with its figures at release' });
    }
    if (createHash('sha256').update(content).digest('hex') !== expected) throw new MillraceError('BUNDLE_CORRUPT', `${path} has another digest than its name says`, { hint: 'restore the folder' });
    return content;
  }
}
