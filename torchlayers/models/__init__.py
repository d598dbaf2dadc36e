"""Small complete models, a layer or two with a loss, differentiated by hand as a whole."""
