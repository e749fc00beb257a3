/** A part of what a queue's limits allow, for a pump at its waiting line. Instants are epoch ms; 0 is none. */
export type PumpSeat = Readonly<{
	/** Who has it, until the lease ends. */
	owner: string;
	leaseUntil: number;
	/** When this seat's share of the rate limit allows the next call. */
	slotAt: number;
}>;

/** Who works off a queue's waiting line, as stored: changed only by whoever has read its `version`. */
export type PumpSheet = Readonly<{
	version: number;
	seats: readonly PumpSeat[];
	/** Somebody came while all seats were taken: whoever finds the line empty has to look once more. */
	woken: boolean;
	/** A pump message is on its way that will be received then; there is nothing to do before. */
	visitAt: number;
}>;

export const EMPTY_SHEET: PumpSheet = { version: 0, seats: [], woken: false, visitAt: 0 };

const FREE_SEAT: PumpSeat = { owner: "", leaseUntil: 0, slotAt: 0 };

/**
 * Who asks for a seat: `seats` is how many the queue's policy provides. No visit later than `farthestVisitAt` can have
 * been announced: if there is one, the clock was set back since, and it does not count.
 */
export type SeatRequest = Readonly<{
	seats: number;
	owner: string;
	now: number;
	leaseUntil: number;
	farthestVisitAt?: number | undefined;
}>;

/** `taken`: write `sheet`. `busy`: write `sheet`, if there is one. `later`: nothing to do before the announced visit. */
export type SeatAnswer = Readonly<
	| { kind: "taken"; seat: number; sheet: PumpSheet }
	| { kind: "busy"; sheet: PumpSheet | undefined }
	| { kind: "later" }
>;

export const seatAt = (sheet: PumpSheet, seat: number): PumpSeat => sheet.seats[seat] ?? FREE_SEAT;

const withSeat = (sheet: PumpSheet, seat: number, changed: PumpSeat): PumpSheet => {
	const length = Math.max(sheet.seats.length, seat + 1);
	const seats = Array.from({ length }, (_, index) => (index === seat ? changed : seatAt(sheet, index)));
	return { ...sheet, seats };
};

/**
 * Seats below `seats` that nobody holds at `now`, or whose holder is dead. `owner`, who asks, is alive: its own seats are
 * not free, though a clock that was set forward has passed their lease.
 */
export const freeSeats = (sheet: PumpSheet, seats: number, now: number, owner?: string): number[] =>
	Array.from({ length: seats }, (_, seat) => seat).filter((number) => {
		const seat = seatAt(sheet, number);
		return seat.leaseUntil <= now && seat.owner !== owner;
	});

/** Gives the first free seat, or leaves word that somebody came. */
export const takeSeat = (sheet: PumpSheet, request: SeatRequest): SeatAnswer => {
	const { seats, owner, now, leaseUntil, farthestVisitAt = Number.POSITIVE_INFINITY } = request;
	const [seat] = freeSeats(sheet, seats, now, owner);
	if (seat === undefined) return { kind: "busy", sheet: sheet.woken ? undefined : { ...sheet, woken: true } };
	if (sheet.visitAt > now && sheet.visitAt <= farthestVisitAt) return { kind: "later" };
	const { slotAt } = seatAt(sheet, seat);
	return {
		kind: "taken",
		seat,
		sheet: { ...withSeat(sheet, seat, { owner, leaseUntil, slotAt }), visitAt: 0 },
	};
};

/** The seats that `owner` has: also after its lease has run out, until others take them. */
export const seatsOf = (sheet: PumpSheet, owner: string): number[] =>
	sheet.seats.flatMap((seat, index) => (seat.owner === owner ? [index] : []));

/** A longer lease on all of the owner's seats, and calls allowed up to `slotAt`. */
export const keepSeats = (
	sheet: PumpSheet,
	owner: string,
	{ leaseUntil, slotAt }: Pick<PumpSeat, "leaseUntil" | "slotAt">,
): PumpSheet => ({
	...sheet,
	seats: sheet.seats.map((seat) => (seat.owner === owner ? { owner, leaseUntil, slotAt } : seat)),
});

/** Nobody's word is left: for a pump that is about to look at the line once more. */
export const withoutWord = (sheet: PumpSheet): PumpSheet => ({ ...sheet, woken: false });

/** The owner's seats are free. `visitAt` announces when there will be something to do; 0 when the line is empty. */
export const leaveSeats = (sheet: PumpSheet, owner: string, slotAt: number, visitAt: number): PumpSheet => ({
	...sheet,
	visitAt,
	seats: sheet.seats.map((seat) => (seat.owner === owner ? { ...FREE_SEAT, slotAt } : seat)),
});

/**
 * The policy has changed: what was announced under the old one does not count, and no slot is later than the new one
 * has it, `farthestSlotAt` (epoch ms). With word left, a pump that is about to leave under the old one looks at the new
 * one first.
 */
export const resetSheet = (sheet: PumpSheet, farthestSlotAt: number): PumpSheet => ({
	...sheet,
	woken: true,
	visitAt: 0,
	seats: sheet.seats.map((seat) => ({ ...seat, slotAt: Math.min(seat.slotAt, farthestSlotAt) })),
});
