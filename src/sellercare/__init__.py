"""One after-sales interface over marketplaces and storefronts."""
