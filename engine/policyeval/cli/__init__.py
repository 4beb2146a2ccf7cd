"""The door for a person at a terminal: a file a command, and what they print with. No answers are worked out here."""
