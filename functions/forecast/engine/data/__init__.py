"""Data: history, covariates and the snapshot, with corrections, outliers and imputation."""
