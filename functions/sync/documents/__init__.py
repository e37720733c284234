"""Documents that an outside system gets: made from orders, in our own codes and minor units."""
