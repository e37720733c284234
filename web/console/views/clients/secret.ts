// The secret of an API client, shown once.
export interface Secret {
  id: string;
  secret: string;
  others_end_at?: string;
}
