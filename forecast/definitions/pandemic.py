"""The days of the pandemic: services and surveys were disrupted, and forecasts across them are labelled."""

from __future__ import annotations

from datetime import date

# From the month of the first lockdown to the end of the second year under restrictions.
PANDEMIC_START, PANDEMIC_END = date(2020, 3, 1), date(2021, 12, 31)
