import type { Client } from '../application/ports.ts';
import type { Projection } from './projection.ts';
import { openRow, sealedColumns, sealedColumnsOf, type Readers, type SealedColumns } from './sealed.ts';

type ApprovalMethod = 'registration' | 'otp';

type Devices = {
  devices: SealedColumns & {
    user_id: string;
    device_id: string;
    method: ApprovalMethod;
    approved_at: string;
    trusted_until: string;
    first_seen_at: string;
    last_seen_at: string;
    removed_at: string | null;
  };
};

/** Which devices a person trusts, and where each was approved from. */
export const devices: Projection<Devices> = {
  name: 'devices',
  version: 2,
  keys: { devices: ['user_id', 'device_id'] },
  keep: { devices: ['first_seen_at'] },
  schema: `create table devices (
    user_id uuid not null,
    device_id uuid not null,
    method text not null,
    approved_at timestamptz not null,
    trusted_until timestamptz not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    removed_at timestamptz,
    event_id uuid not null,
    ${sealedColumns},
    primary key (user_id, device_id))`,
  indexes: '',
  on: {
    DeviceApproved: (writes, recorded) => {
      const { userId, deviceId, method, trustedUntil, at } = recorded.event.data;
      writes.insert('devices', {
        user_id: userId,
        device_id: deviceId,
        method,
        approved_at: at,
        trusted_until: trustedUntil,
        first_seen_at: at,
        last_seen_at: at,
        removed_at: null,
        ...sealedColumnsOf(recorded),
      });
    },
    DeviceUsed: (writes, { event: { data } }) => {
      const key = { user_id: data.userId, device_id: data.deviceId };
      writes.update('devices', key, { trusted_until: data.trustedUntil, last_seen_at: data.at });
    },
    DeviceRemoved: (writes, { event: { data } }) => {
      const key = { user_id: data.userId, device_id: data.deviceId };
      const forgotten = { sealed_subject: null, sealed_data: null, sealed_client: null };
      writes.update('devices', key, { removed_at: data.at, ...forgotten });
    },
  },
};

export interface Device {
  readonly deviceId: string;
  readonly method: ApprovalMethod;
  readonly approvedAt: string;
  readonly trustedUntil: string;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  /** Where it was approved from; `null` once the person is erased. */
  readonly client: Client | null;
}

interface DeviceRow extends SealedColumns {
  device_id: string;
  method: ApprovalMethod;
  approved_at: Date;
  trusted_until: Date;
  first_seen_at: Date;
  last_seen_at: Date;
}

/** Last seen first. */
export async function devicesOf(readers: Readers, userId: string): Promise<Device[]> {
  const { rows } = await readers.pool.query<DeviceRow>({
    name: 'devices-of-user',
    text: `select * from read_model.devices where user_id = $1 and removed_at is null
           order by last_seen_at desc, device_id`,
    values: [userId],
  });
  return Promise.all(
    rows.map(async (row) => ({
      deviceId: row.device_id,
      method: row.method,
      approvedAt: row.approved_at.toISOString(),
      trustedUntil: row.trusted_until.toISOString(),
      firstSeenAt: row.first_seen_at.toISOString(),
      lastSeenAt: row.last_seen_at.toISOString(),
      client: (await openRow(readers, { ...row, sealed_data: null })).client,
    })),
  );
}
