"""From a panel of figures to predictive distributions; knows no target."""
