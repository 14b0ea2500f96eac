"""A real Medusa server for the live tests."""
