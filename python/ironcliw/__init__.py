"""Ironcliw watches a screen so that people and their agents do not have to."""
