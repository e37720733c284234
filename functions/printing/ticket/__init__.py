"""A ticket from its order to ESC/POS bytes or a picture. Pure."""
