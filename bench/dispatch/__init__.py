"""`make dispatch-bench`: the product dispatches a day of orders and couriers under the rules of the instances."""
