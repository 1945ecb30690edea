/** Kept for ever in `retention-<category>`: since when the store may let go of which technical events. Times are ISO 8601. */
export interface RetentionSet {
  type: 'RetentionSet';
  data: {
    category: TechnicalCategory;
    /** After how many days; `null`: never, from now on. */
    days: number | null;
    at: string;
  };
}

/**
 * The kinds of streams whose events are no audit facts: what they led to stands in other streams. A closed list, so that
 * nothing else can expire, whatever a setting or an event says.
 */
export const technicalCategories = ['email', 'geo_check'] as const;

export type TechnicalCategory = (typeof technicalCategories)[number];
