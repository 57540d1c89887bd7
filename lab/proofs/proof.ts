/** What a proof gets. */
export type Stage = {
  /** Ends something with the proof, the last one first, also when it takes too long. */
  teardown(end: () => unknown): void;
  /** Tells whoever watches how far it is. */
  report(text: string): void;
};

export type Figure = string | number | boolean | null | Figure[] | { [name: string]: Figure };

/** What a proof found: figures to read, and each claim with whether it held. */
export type Findings = { figures: Record<string, Figure>; claims: Record<string, boolean> };

/** A claim of the service that takes longer to show in full than tests may. */
export type Proof = {
  name: string;
  /** What is claimed, in a sentence. */
  claim: string;
  /** It is broken off after so many minutes. */
  minutes: number;
  run(stage: Stage): Promise<Findings>;
};
