"""The words and the rules: events, commands, aggregates, the policy and its judge. No input or output happens here."""
