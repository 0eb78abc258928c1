import type { Evaluation } from '@millrace/contracts';
import type { BundleContent } from './bundle-files.ts';

/** What a person should know about a model, as Mitchell et al., "Model Cards for Model Reporting", FAT* 2019, ask for. */
export function modelCard({ definition, fitted, dataset, evaluation }: BundleContent): string {
  const { name, predicts, label, learner, training, featureSet, features } = definition;
  const { candidate, champion, holdout } = evaluation;
  return `# ${name}

Predicts for each event of \`${predicts}\` the probability that \`${label.value}\` of \`${label.from}\` will hold, known within ${label.horizonMs / 3_600_000} h.

## Data

- Labelled events: ${dataset.rows}, from ${instant(dataset.from)} to ${instant(dataset.to)}; SHA-256 ${dataset.hash}
- Trained on the oldest ${fitted.training.rows}; judged on the newest ${holdout.rows}, from ${instant(holdout.from)} on
- Window ${training.windowMs / 86_400_000} d, seed ${training.seed}; feature set ${featureSet}

## Learner

Logistic regression, C = ${learner.C}, ${fitted.iterations} Newton steps. ${Object.entries(learner.encode).map(([feature, how]) => `${feature}: ${how.kind === 'cyclic' ? `${how.harmonics} harmonics of ${how.period}` : `one-hot, ${how.size} categories`}.`).join(' ')}
All other features are standardised; missing values are the mean, with an indicator.

## Figures on the newest ${holdout.rows} events

| | AUC | log loss | accuracy | mean prediction | rate |
|---|---|---|---|---|---|
${row('this model', candidate)}
${champion ? `${row('champion then', champion)}\n` : ''}
The rate in training was ${figure(fitted.training.labels.reduce((sum, value) => sum + value, 0) / fitted.training.rows)}.

## Features

${features.map(({ name: feature, feature: source }) => `- ${feature} (\`${source}\`)`).join('\n')}
`;
}

const instant = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');
const figure = (value: number): string => value.toFixed(4);
const row = (who: string, { auc, logLoss, accuracy, meanPrediction, rate }: Evaluation): string => `| ${[who, ...[auc, logLoss, accuracy, meanPrediction, rate].map(figure)].join(' | ')} |`;
