/** A folder of files that stands on disk and whose digests were found right. */
export interface Bundle {
  /** SHA-256 of the canonical manifest, hex: the identity of the content. */
  readonly digest: string;
  /** Absolute path of the folder. */
  readonly path: string;
  /** Names of the files, sorted, without the manifest. */
  readonly names: readonly string[];
  /** The bytes of one file, checked again. Throws BUNDLE_CORRUPT. */
  read(name: string): Promise<Uint8Array>;
  /** One file parsed as JSON. Throws BUNDLE_CORRUPT. */
  json(name: string): Promise<unknown>;
}

/** Content-addressed folders: what a digest names never changes. */
export abstract class Bundles {
  /**
   * Keeps a set of files. The same files give the same digest; keeping them twice is fine.
   *
   * @param files name to content; names are plain (letters, digits, `.`, `_`, `-`)
   * @returns the digest
   */
  abstract put(files: ReadonlyMap<string, Uint8Array>): Promise<string>;

  /**
   * Opens a bundle and checks the digest of each file.
   *
   * @throws MillraceError BUNDLE_MISSING (retriable: it may still be on its way) or BUNDLE_CORRUPT
   */
  abstract open(digest: string): Promise<Bundle>;
}
