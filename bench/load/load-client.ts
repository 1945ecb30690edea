import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, Outcome } from './job.ts';

export interface LoadClient {
  /** One round. Throws when nothing at all came back as expected. */
  run(job: Job): Promise<Outcome>;
  stop(): void;
}

export function startLoadClient(): LoadClient {
  const child = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
  const died = diedOf(child);
  return {
    run: (job) => ask(child, job, died),
    stop: () => {
      child.disconnect();
    },
  };
}

interface Answer {
  readonly outcome?: Outcome;
  readonly error?: string;
}

async function ask(child: ChildProcess, job: Job, died: Promise<Answer>): Promise<Outcome> {
  const answered = new Promise<Answer>((resolve) => {
    child.once('message', (answer) => {
      resolve(answer as Answer);
    });
  });
  child.send(job);
  const { outcome, error } = await Promise.race([answered, died]);
  if (outcome === undefined) throw new Error(`The load client failed: ${error ?? 'no outcome'}`);
  if (outcome.done === 0) throw new Error(`Nothing was answered as expected: ${outcome.failure ?? 'no operation'}`);
  return outcome;
}

const diedOf = (child: ChildProcess): Promise<Answer> =>
  new Promise((resolve) => {
    child.once('exit', () => {
      resolve({ error: 'it ended' });
    });
  });
