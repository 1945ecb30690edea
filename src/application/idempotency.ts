export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Makes a request with an `Idempotency-Key` safe to repeat for 24 hours. */
export interface Idempotency {
  begin(request: {
    key: string;
    scope: string;
    fingerprint: string;
  }): Promise<
    | { readonly kind: 'run'; finish(answer: StoredAnswer): Promise<void>; abandon(): Promise<void> }
    | { readonly kind: 'replay'; readonly answer: StoredAnswer }
    | { readonly kind: 'in-progress' }
    | { readonly kind: 'mismatch' }
  >;
}
