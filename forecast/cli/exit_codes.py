"""Exit codes, as docs/cli.md promises them: 0 is done."""

SOFTWARE_FAILED = 1
INPUT_WRONG = 2
DONE_WITH_FAILURES = 3  # done, but some sources or series failed
DONE_WITH_ALERTS = 4  # done, and there are new alerts: only where it is asked for, and wins over 3
