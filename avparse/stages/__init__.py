"""One module per stage: a rule of the workflow, a subcommand, and here the files it turns over."""
