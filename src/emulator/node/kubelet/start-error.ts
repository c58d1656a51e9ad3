/** Why a container could not be started: the reason and message that its status shows as `waiting`. */
export class ContainerStartError extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}
