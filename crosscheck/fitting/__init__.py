"""Where the layers' coefficients come from: each script prints those of one function."""
