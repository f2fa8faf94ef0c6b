"""The publishers' own files: one module a publisher's format, all behind one contract (contract.py)."""
