"""Well-known models of one series at a time, behind the contract of `forecast.models.contract`."""
