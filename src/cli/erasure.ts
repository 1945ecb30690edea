import type { Context, Directory, NewId } from '../application/ports.ts';
import { DomainError } from '../domain/errors.ts';

const pageSize = 500;

export interface ErasureCommands {
  readonly directory: Pick<Directory, 'erasures'>;
  readonly newId: NewId;
  readonly useCases: {
    readonly erasePerson: (request: { userId: string }, context: Context) => Promise<unknown>;
    readonly keepErasures: (request: object, context: Context) => Promise<void>;
  };
  readonly out: NodeJS.WritableStream;
}

/** `mbauth erasure list`: an id a line and nothing else, to be kept apart from all backups. */
export async function listErasures({ directory, out }: Pick<ErasureCommands, 'directory' | 'out'>): Promise<void> {
  for (let after: string | undefined; ;) {
    const page = await directory.erasures(after, pageSize);
    for (const { userId } of page) out.write(`${userId}\n`);
    after = page.at(-1)?.userId;
    if (page.length < pageSize) return;
  }
}

/**
 * `mbauth erasure reapply [<userId>…]`: destroys the keys of all whom the log knows as erased, and erases those named:
 * the restored log may end before they were. Answers false when one of them could not be.
 */
export async function reapplyErasures(commands: ErasureCommands, userIds: readonly string[]): Promise<boolean> {
  const { useCases, out } = commands;
  await useCases.keepErasures({}, bySystem(commands));
  out.write('The keys of everybody whom the log knows as erased are destroyed.\n');
  let complete = true;
  for (const userId of userIds) {
    try {
      await useCases.erasePerson({ userId }, bySystem(commands));
      out.write(`${userId} is erased\n`);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      complete = false;
      out.write(`${userId} is not erased: ${error.code}\n`);
    }
  }
  return complete;
}

function bySystem({ newId }: ErasureCommands): Context {
  const id = newId();
  return { actor: { kind: 'system' }, correlationId: id, causationId: id };
}
