"""The rules that a policy's promises are made of: one kind a file, named as the kind; README.md lists them."""
