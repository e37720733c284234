"""Web push: browsers are woken when their inbox has something new. The push has the number alone."""
