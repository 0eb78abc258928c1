interface Request {
  apiKey: number;
  apiVersion: number;
  encode(): Promise<{ buffer: Buffer }>;
}

/**
 * Frames a request (size, api key, version, correlation id, client id, body) with one copy of the body; the stock frame
 * copies it twice through growing buffers. Only `buffer` of the result is used by kafkajs's connection.
 */
export async function frameRequest(frame: { correlationId: number; clientId: string; request: Request }): Promise<{ buffer: Buffer }> {
  const { correlationId, request } = frame;
  const { buffer: body } = await request.encode();
  const client = Buffer.from(frame.clientId);
  const headerSize = 14 + client.length;
  const buffer = Buffer.allocUnsafeSlow(headerSize + body.length);
  let at = buffer.writeInt32BE(headerSize - 4 + body.length, 0);
  at = buffer.writeInt16BE(request.apiKey, at);
  at = buffer.writeInt16BE(request.apiVersion, at);
  at = buffer.writeInt32BE(correlationId, at);
  at = buffer.writeInt16BE(client.length, at);
  at += client.copy(buffer, at);
  body.copy(buffer, at);
  return { buffer };
}
