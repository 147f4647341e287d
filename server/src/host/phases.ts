// Time and peak memory of the phases of a run, in the order they were first begun.

import { resourceUsage } from "node:process";

export interface PhaseCost {
	readonly name: string;
	readonly ms: number;
	/** the most memory the process, with all its threads, had up to the end of the phase */
	readonly peakBytes: number;
}

export class PhaseClock {
	private readonly costs = new Map<string, { ms: number; peakBytes: number }>();
	private current: string | null = null;
	private since = 0;
	private readonly started = performance.now();

	/** Ends the phase that is on, and begins this one unless it is the same. */
	begin(name: string): void {
		if (name === this.current) return;
		this.end();
		this.current = name;
		this.since = performance.now();
	}

	end(): void {
		if (this.current === null) return;
		const cost = this.costs.get(this.current) ?? { ms: 0, peakBytes: 0 };
		cost.ms += performance.now() - this.since;
		cost.peakBytes = this.peakBytes();
		this.costs.set(this.current, cost);
		this.current = null;
	}

	phases(): PhaseCost[] {
		return [...this.costs].map(([name, cost]) => ({ name, ms: Math.round(cost.ms), peakBytes: cost.peakBytes }));
	}

	totalMs(): number {
		return performance.now() - this.started;
	}

	peakBytes(): number {
		return resourceUsage().maxRSS * 1024;
	}
}
