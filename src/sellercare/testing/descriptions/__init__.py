"""The kinds of descriptions that platforms publish; `sellercare.testing.description` loads them."""
