"""`python -m sellercare` is the same as `sellercare`."""

from sellercare.cli import main

if __name__ == "__main__":
    main()
