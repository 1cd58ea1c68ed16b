"""What rule kinds have in common: their interface, the list of all, and the helpers that several of them use."""
