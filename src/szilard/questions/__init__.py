"""The three questions of the field, each answered by one command with table, figures and store."""
