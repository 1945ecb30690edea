/** Stored forever in `failed_login-<date>`: failures for addresses that nobody holds. Times are ISO 8601. */
export interface UnknownLoginFailed {
  type: 'UnknownLoginFailed';
  data: { date: string; emailHash: string; loginId: string; at: string };
}
