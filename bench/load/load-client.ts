import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, Outcome } from './job.ts';

export interface LoadClient {
  /** One round, beside others that are under way. Throws when nothing at all came back as expected. */
  run(job: Job): Promise<Outcome>;
  /** Ends what is under way, which then fails, and begins anew. */
  restart(): void;
  stop(): void;
}

interface Answer {
  readonly number: number;
  readonly outcome?: Outcome;
  readonly error?: string;
}

type Take = (answer: Omit<Answer, 'number'>) => void;

export function startLoadClient(): LoadClient {
  let running = startProcess();
  return {
    run: (job) => running.ask(job),
    restart: () => {
      running.child.disconnect();
      running = startProcess();
    },
    stop: () => {
      running.child.disconnect();
    },
  };
}

function startProcess() {
  const child: ChildProcess = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const waiting = new Map<number, Take>();
  let asked = 0;
  child.on('message', (answer: Answer) => {
    waiting.get(answer.number)?.(answer);
    waiting.delete(answer.number);
  });
  child.once('exit', () => {
    for (const take of waiting.values()) take({ error: 'it ended' });
  });
  const ask = async (job: Job): Promise<Outcome> => {
    const number = (asked += 1);
    const answered = new Promise<Omit<Answer, 'number'>>((resolve) => waiting.set(number, resolve));
    child.send({ number, job });
    const { outcome, error } = await answered;
    if (outcome === undefined) throw new Error(`The load client failed: ${error ?? 'no outcome'}`);
    if (outcome.done === 0) throw new Error(`Nothing was answered as expected: ${outcome.failure ?? 'no operation'}`);
    return outcome;
  };
  return { child, ask };
}
