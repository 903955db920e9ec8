"""Tables: arrays to Arrow, Parquet, folders and `datasets`."""
