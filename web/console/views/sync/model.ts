// The documents of /v1/sync that this view reads.
export interface System { system: string; kind: string; url: string; enabled: boolean; failures: number; failure: string | null; open_until: string | null }
export interface SystemList { systems: System[] }

export interface Waiting { goal: string; state: string; cause: string | null; reason: string | null; documents: number; oldest: string; gross: number }
export interface Flow {
  flow: string; enabled: boolean; lag_seconds: number; began_at: string | null; ended_at: string | null; outcome: string | null;
  rows_read: number; rows_changed: number; open: Waiting[];
}
export interface FlowList { flows: Flow[] }

export interface Document {
  key: string; revision: number; target_key: string; flow: string; kind: string; store: string; day: string; state: string;
  cause: string | null; reason: string | null; detail: string | null; attempts: number; currency: string | null; gross: number;
}

export interface Amounts { documents: number; quantity: string; net: number; tax: number; gross: number }
export interface Cell { store: string; day: string; tender: string; here: Amounts; there: Amounts }
export interface Difference {
  fault: string; kind: string; store: string; day: string; key: string; reference: string;
  gross_here: number | null; gross_there: number | null; detail: string;
}
export interface Comparison {
  id: string; day_from: string; day_until: string; ended_at: string; cells: number; documents: number; differing_cells: number;
  differing_documents: number; gross: number; currency: string; differences: { cells?: Cell[]; documents?: Difference[] };
}
