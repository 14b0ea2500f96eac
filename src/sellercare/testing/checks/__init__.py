"""What the suite checks, a module a question: declaration, promises, write contracts, faults, scenes, secrets."""
