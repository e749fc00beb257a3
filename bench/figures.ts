/** Measured values by name. NaN is what this machine cannot tell. */
export type Figures = Readonly<Record<string, number>>;
