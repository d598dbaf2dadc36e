"""Small models, differentiated by hand as a whole."""
