"""Models: base models, calibration, weights, intervals, and the model set in use."""
