import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { MillraceError } from '@millrace/contracts';

import { signatureOf, type Signature } from './signature.ts';

const MAX_SIGNATURE_BYTES = 16 * 2 ** 20;

/** A bundle that may be loaded. */
export interface Admitted {
  /** Absolute path of model.onnx. */
  readonly model: string;
  readonly signature: Signature;
}

/**
 * What a bundle must fulfil before its model is loaded: a file model.onnx of bounded size and a signature of the right shape.
 *
 * @param bundle folder of the bundle
 * @param features features per row that the caller will send
 * @throws MillraceError BUNDLE_NOT_ADMITTED
 */
export async function admit(bundle: string, features: number, maxModelBytes: number): Promise<Admitted> {
  const model = resolve(bundle, 'model.onnx');
  const bytes = await sizeOf(model);
  if (bytes === 0 || bytes > maxModelBytes) {
    throw new MillraceError('BUNDLE_NOT_ADMITTED', `model.onnx has ${bytes} bytes; between 1 and ${maxModelBytes} are allowed`);
  }
  const path = join(resolve(bundle), 'signature.json');
  if ((await sizeOf(path)) > MAX_SIGNATURE_BYTES) throw new MillraceError('BUNDLE_NOT_ADMITTED', `${path} is larger than 16 MiB`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new MillraceError('BUNDLE_NOT_ADMITTED', `${path} is not JSON`, { cause });
  }
  const signature = signatureOf(parsed);
  if (signature.features.length !== features) {
    throw new MillraceError('BUNDLE_NOT_ADMITTED', `the model takes ${signature.features.length} features, vectors have ${features}`, {
      hint: 'train the model again on the feature set in force',
    });
  }
  return { model, signature };
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new MillraceError('BUNDLE_NOT_ADMITTED', `${path} is missing`, { cause });
  });
  if (!found.isFile()) throw new MillraceError('BUNDLE_NOT_ADMITTED', `${path} is no file`);
  return found.size;
}
