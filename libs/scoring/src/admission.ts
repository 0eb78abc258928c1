import { join, resolve } from 'node:path';

import { MillraceError } from '@millrace/contracts';

import { readBundleFile, type CheckedFile } from './model-file.ts';
import { signatureOf, type Signature } from './signature.ts';

const MAX_SIGNATURE_BYTES = 16 * 2 ** 20;

/** A bundle that may be given to a child. */
export interface Admitted {
  /** model.onnx; its content is checked by the child, before it is loaded. */
  readonly model: CheckedFile;
  readonly signature: Signature;
}

/**
 * What a bundle must fulfil before a child is started for it: model.onnx and signature.json are plain files of bounded size, and the signature
 * has the right shape.
 *
 * @param bundle folder of the bundle
 * @param features features per row that the caller will send
 * @throws MillraceError BUNDLE_NOT_ADMITTED
 */
export async function admit(bundle: string, features: number, maxModelBytes: number): Promise<Admitted> {
  const folder = resolve(bundle);
  const model = await readBundleFile(join(folder, 'model.onnx'), maxModelBytes);
  const path = join(folder, 'signature.json');
  const { bytes } = await readBundleFile(path, MAX_SIGNATURE_BYTES);
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString('utf8'));
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
