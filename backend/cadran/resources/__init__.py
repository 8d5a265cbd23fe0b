"""The resources, one declaration each; unusual verbs are plain routes beside theirs."""
