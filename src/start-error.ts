/** The message is for the person who starts the service. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';

  constructor(port: number) {
    super(`Port ${port} is taken by another program. Stop that program, or set PORT to a port that is free.`);
  }
}
