// A refusal names the step of docs/protocol.md §4.4 that did not accept an envelope, or the reason of
// §10 for which an object of the directory is not taken. reason says more where a step has several.
export class Refusal extends Error {
  constructor(step, why, reason) {
    super(`refused at step ${step}: ${why}`);
    this.step = step;
    this.reason = reason;
  }
}

export function refuse(step, why, reason) {
  throw new Refusal(step, why, reason);
}
