"""The morning e-mail of a rep and the Monday e-mail of a manager: the sentence and the lists of their screens."""
