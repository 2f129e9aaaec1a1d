// A refusal names the step of docs/protocol.md §4.4 that did not accept an envelope.
export class Refusal extends Error {
  constructor(step, why) {
    super(`refused at step ${step}: ${why}`);
    this.step = step;
  }
}

export function refuse(step, why) {
  throw new Refusal(step, why);
}
