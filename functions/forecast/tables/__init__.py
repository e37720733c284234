"""All the SQL of forecasting, a module an aggregate.

In the tables `store_id` is the key of a store, `chain:store`. Records carry the id of the store within its chain.
"""
