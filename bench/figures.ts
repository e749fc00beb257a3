/** Measured values by name; every name has one row in `report-rows.ts`. */
export type Figures = Readonly<Record<string, number>>;
