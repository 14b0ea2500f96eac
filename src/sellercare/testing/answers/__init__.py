"""Answers that are made up from descriptions: what a platform may answer, and few translations were tried with."""
