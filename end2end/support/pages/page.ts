// One page that is looked at.
import type { Visitor } from "../test";

export interface PageUnderTest {
  name: string;
  /** Does without WebAssembly: it must not be asked for. */
  light?: boolean;
  open(visitor: Visitor): Promise<unknown>;
}
