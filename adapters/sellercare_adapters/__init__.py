"""The adapters that come with sellercare, one package a platform; found through entry points like anybody's."""
