"""Tags computed again without a purchase: by time, by a backfill, by a new CLV model, by a merge or a consent."""
