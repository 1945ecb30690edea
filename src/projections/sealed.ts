import type { PersonalData, Recorded } from '../application/ports.ts';
import type { ReadModels } from './read-models.ts';

/** What queries need that open personal fields. */
export interface Readers {
  readonly pool: ReadModels;
  readonly personalData: Pick<PersonalData, 'openFields'>;
}

/** Personal data as tables keep it: ciphertexts, and the event whose id is part of what opens them. */
export type SealedColumns = {
  event_id: string;
  sealed_subject: string | null;
  sealed_data: string | null;
  sealed_client: string | null;
};

/** DDL of `SealedColumns`, less the event id. */
export const sealedColumns = 'sealed_subject text, sealed_data text, sealed_client text';

export const sealedColumnsOf = ({ id, sealed }: Recorded): SealedColumns => ({
  event_id: id,
  sealed_subject: sealed?.subject ?? null,
  sealed_data: sealed?.data ?? null,
  sealed_client: sealed?.client ?? null,
});

export async function openRow({ personalData }: Readers, row: SealedColumns): ReturnType<PersonalData['openFields']> {
  if (row.sealed_subject === null) return { data: null, client: null };
  return personalData.openFields(row.event_id, {
    subject: row.sealed_subject,
    ...(row.sealed_data !== null && { data: row.sealed_data }),
    ...(row.sealed_client !== null && { client: row.sealed_client }),
  });
}
