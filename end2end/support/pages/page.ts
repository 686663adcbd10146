// One page that is looked at.
import type { Visitor } from "../test";

export interface PageUnderTest {
  name: string;
  /** The route that answers where `open` ends, as page_table.rs writes it; null where there is none. */
  route: string | null;
  /** Does without WebAssembly: it must not be asked for. */
  light?: boolean;
  open(visitor: Visitor): Promise<unknown>;
}
