import { always, type CheckRule } from '../check.ts';

/** Nothing comes from nowhere: no vector, label or prediction without what it is of. */
export const unasked: CheckRule = {
  name: 'unasked',
  leftOut: always,
  judge({ history }) {
    let value = 0;
    for (const { posted, ingested, vectors, due, predictions, outcomePosted, outcomeIngested, labels } of history.events()) {
      value += Number(ingested > 0 && posted === 0) + Number(vectors > 0 && ingested === 0) + Number(predictions > 0 && due === 0);
      value += Number(outcomeIngested > 0 && outcomePosted === 0) + Number(labels > 0 && outcomeIngested === 0);
    }
    return { ok: value === 0, value, limit: 0 };
  },
};
