"""Numbers that both compiled filters share."""

LOG_TWO_PI = 1.8378770664093453
DIFFUSE = 1e4  # the starting level's variance, in units of everything else the node allows
# nodes of smaller posterior weight are left out of a forecast, but never more than so much together: a lone series is weighed
# against thousands, each of little weight
NEGLIGIBLE, NEGLIGIBLE_TOGETHER = 1e-4, 0.01
