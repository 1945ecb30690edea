import { readFile } from 'node:fs/promises';
import { cryptography } from '../../adapters/node-cryptography.ts';
import { cosignCheckpoint } from '../../application/audit/cosign-checkpoint.ts';
import { proofChecking } from '../../composition/compose-audit.ts';
import { staySmall } from '../../composition/stay-small.ts';
import type { Service } from '../../compose.ts';
import { parseVerifierKey } from '../../domain/audit-proof/signed-note.ts';
import { checkpointRows } from '../../projections/proof/checkpoint-rows.ts';
import { checkWholeLog } from '../../projections/proof/check.ts';
import { checkAll, type ProjectionCommands } from '../projections.ts';

export type AuditCommands = ProjectionCommands & Service;

const shownAtMost = 100;

/** `mbauth audit check`. Answers whether nothing was found. */
export async function checkAudit(commands: AuditCommands): Promise<boolean> {
  // It runs beside a service, for minutes.
  staySmall();
  const { auditKeys, out, signal } = commands;
  let found = 0;
  let expired = 0;
  for await (const { mismatch, index, detail } of checkWholeLog(
    proofChecking(commands),
    await auditKeys.keys(),
    signal,
    () => (expired += 1),
  )) {
    found += 1;
    if (found <= shownAtMost) out.write(`${mismatch}${index === null ? '' : ` (index ${index})`}: ${detail}\n`);
  }
  out.write(`The log and its proofs: ${found === 0 ? 'nothing found' : `${found} things found`}\n`);
  if (expired > 0) out.write(`${expired} events are not in the store any more, as a policy of retention has it\n`);
  const readModels = await checkAll(commands, 1);
  return found === 0 && readModels;
}

/** `mbauth audit cosign <file>`. Answers whether a witness of this installation had signed. */
export async function cosign(commands: AuditCommands, [file = '']: readonly string[]): Promise<boolean> {
  const { config, auditKeys, eventStore, newId, clock, out, pool } = commands;
  const witnesses = config.AUDIT_WITNESS_KEYS.split(',')
    .filter((key) => key !== '')
    .map((key) => parseVerifierKey(cryptography.sha256, key.trim()))
    .filter((key) => key?.algorithm === 4);
  const checkpointOver = async (size: number) => {
    const [row] = await checkpointRows(pool, size + 1, 1);
    return row?.size === size ? row.note : undefined;
  };
  const ports = { eventStore, newId, clock, cryptography, auditKeys };
  const outcome = await cosignCheckpoint({ ...ports, witnesses, checkpointOver })(await readFile(file, 'utf8'));
  if (outcome.kind === 'refused') out.write(`Not taken in: ${outcome.reason}.\n`);
  else out.write(outcome.witnesses.map((witness) => `cosigned by ${witness}\n`).join(''));
  return outcome.kind === 'cosigned';
}
