interface Waiting<Asked, Answered> {
  readonly asked: Asked;
  readonly resolve: (answered: Answered) => void;
  readonly reject: (error: Error) => void;
}

/**
 * What is asked for in one turn of the event loop goes out together, at most so many at once; the answers come in the
 * order of the questions. Who asks alone waits for nobody.
 */
export function gathered<Asked, Answered>(
  most: number,
  ask: (all: readonly Asked[]) => Promise<readonly Answered[]>,
): (asked: Asked) => Promise<Answered> {
  let waiting: Waiting<Asked, Answered>[] = [];

  function send(): void {
    const sent = waiting;
    waiting = [];
    if (sent.length > 0) void answerAll(sent);
  }

  async function answerAll(sent: readonly Waiting<Asked, Answered>[]): Promise<void> {
    try {
      const answers = await ask(sent.map(({ asked }) => asked));
      sent.forEach(({ resolve }, index) => {
        resolve(answers[index] as Answered);
      });
    } catch (error) {
      for (const { reject } of sent) reject(error as Error);
    }
  }

  return (asked) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(send);
      waiting.push({ asked, resolve, reject });
      if (waiting.length === most) send();
    });
}
