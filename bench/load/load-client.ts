import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { between, processorSeconds, watchProcess, type ByProcess } from '../processes.ts';
import type { Job, Outcome } from './job.ts';

/** An outcome, and who took how many processor seconds for it. */
export interface Measured extends Outcome {
  readonly processor: ByProcess;
}

export interface LoadClient {
  /** One round, beside others that are under way. Throws when nothing at all came back as expected. */
  run(job: Job): Promise<Measured>;
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
    run: async (job) => {
      const before = await processorSeconds();
      const outcome = await running.ask(job);
      return { ...outcome, processor: between(before, await processorSeconds()) };
    },
    restart: () => {
      if (running.child.connected) running.child.disconnect();
      running = startProcess();
    },
    stop: () => {
      if (running.child.connected) running.child.disconnect();
    },
  };
}

function startProcess() {
  const child: ChildProcess = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  child.once('exit', watchProcess('client', child.pid));
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
