"""What decisions rest on: folds of events, one for each kind of stream."""
