"""The rules that a policy's promises are made of: one kind a file, named as the kind; `kinds.KINDS` lists them all."""
