import { boundedType, frameBytes } from '@millrace/contracts';
import type { StreamAddress } from '../client/console-client.ts';

/** Writes events of a stream as producers post them: a zero byte, the 4-byte schema id, the Avro body. */
export class PostEncoder {
  readonly topic: string;
  private readonly schemaId: number;
  private readonly type: ReturnType<typeof boundedType>;

  constructor({ topic, schemaId, schema }: StreamAddress) {
    this.topic = topic;
    this.schemaId = schemaId;
    this.type = boundedType(schema);
  }

  encode(fields: Readonly<Record<string, unknown>>): Buffer {
    const body = this.type.toBuffer(fields);
    const value = Buffer.allocUnsafe(frameBytes + body.length);
    value[0] = 0;
    value.writeInt32BE(this.schemaId, 1);
    body.copy(value, frameBytes);
    return value;
  }
}
