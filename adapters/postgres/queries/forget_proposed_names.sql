-- Forget by which names links to people erased at this position were proposed, or told apart.
SELECT forget_proposed_names(%(position)s)
