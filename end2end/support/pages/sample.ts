// A shop to look at.
import { makeSample, type Sample } from "../shop";
import type { Visitor } from "../test";

let made: Promise<Sample> | undefined;

/** A shop with customers in every state. Tests that only look share it. */
export const sample = (visitor: Visitor): Promise<Sample> => (made ??= makeSample(visitor));
