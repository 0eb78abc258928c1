import { Column } from './column.ts';

/** Rows of float32 features by index, in flat arrays. */
export class FeatureRows {
  private readonly values = new Column(Float32Array);
  private readonly starts = new Column(Float64Array);
  private readonly widths = new Column(Uint16Array);
  private used = 0;

  keep(at: number, features: readonly number[]): void {
    this.starts.set(at, this.used);
    this.widths.set(at, features.length);
    for (const feature of features) this.values.set(this.used++, feature);
  }

  /** Undefined where nothing was kept. */
  row(at: number): number[] | undefined {
    const width = this.widths.get(at);
    return width === 0 ? undefined : Array.from({ length: width }, (_, i) => this.values.get(this.starts.get(at) + i));
  }
}
