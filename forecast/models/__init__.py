"""From a panel of figures to predictive distributions; knows no target."""

import os

# Between two compiled loops idle threads would spin, at the cost of whatever else is under way, such as writing the last result.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
