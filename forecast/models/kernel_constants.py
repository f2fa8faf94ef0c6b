"""Numbers that both compiled filters share."""

LOG_TWO_PI = 1.8378770664093453
DIFFUSE = 1e4  # the starting level's variance, in units of everything else the node allows
NEGLIGIBLE = 1e-4  # nodes of smaller posterior weight are left out of a forecast
