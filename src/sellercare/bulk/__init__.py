"""Many writes out of one file: rows → plan → apply → report. A second run of the same file sends nothing."""
