"""Files of history and weather that people import: CSV, CSV by gzip, Parquet."""
