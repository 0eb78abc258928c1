/** 0001-01-01T00:00Z in ms since epoch: before every event. (Avro's reader loses the sign of whole numbers below -2^52.) */
export const beginningOfTime = -62_135_596_800_000;
