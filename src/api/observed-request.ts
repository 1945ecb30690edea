export interface ObservedRequest {
  readonly method: string;
  /** The pattern, never the path itself: its values would be labels without end. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}
