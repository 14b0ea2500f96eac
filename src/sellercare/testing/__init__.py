"""What tests of sellercare, of adapters and of programs built on it have in common.

The pytest plugin in `plugin` is loaded by itself; `Platform` and `face_of` in `platform` serve other test runners.
"""
