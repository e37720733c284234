"""Dispatch: each minute it decides which courier is offered which orders. Pure: no database, no clock.

`plan.plan_round` is the one call. `facts` has its input, `answer` its result, and `settings` the choices of a chain.
"""
