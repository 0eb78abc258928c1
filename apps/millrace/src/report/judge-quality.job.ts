import { judgeQuality, type QualityQuery } from './judge-quality.ts';

// The other side of `judgeQualityApart`: one query, one answer, the end.
process.once('disconnect', () => process.exit(1));
process.once('message', (query) => {
  judgeQuality(query as QualityQuery).then(
    (quality) => process.send!({ quality }, () => process.exit(0)),
    (error: Error) => process.send!({ failed: error.message }, () => process.exit(1)),
  );
});
