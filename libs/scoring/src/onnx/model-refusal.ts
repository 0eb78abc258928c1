/** Why a model is not loaded. Plain, so that the child starts without the libraries that its parent has. */
export class ModelRefusal extends Error {
  readonly hint: string | undefined;

  constructor(reason: string, hint?: string) {
    super(reason);
    this.name = 'ModelRefusal';
    this.hint = hint;
  }
}
