import type { FaultContext } from './scenario.ts';

/** Asks as an operator does, until a console has answered. @returns whether the command was taken; then it must stand in the log, once */
export async function giveCommand({ deployment, note, promised }: Pick<FaultContext, 'deployment' | 'note' | 'promised'>, kind: 'RETRAIN' | 'ROLL_BACK', { id, why }: { readonly id: string; readonly why: string }): Promise<boolean> {
  const { status } = await deployment.command('commands', { kind, model: 'late-payment', who: 'faults', why }, { 'idempotency-key': id });
  note(`${kind}: ${status}`);
  if (status === 202) promised(id);
  return status === 202;
}
