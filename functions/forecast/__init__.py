"""Forecast: the revenue of every store for the next 30 days, every night, with the reasons.

Owns: forecast_settings, forecast_history, forecast_corrections, forecast_plans, forecast_weather, forecast_runs,
    forecast_batches, forecast_models, forecasts, forecast_totals, forecast_scores, forecast_total_scores,
    forecast_day_sales, forecast_half_hour_profiles, forecast_item_profiles.
Hears: rate(1 hour), forecast.training_due, forecast.trained, forecast.ready, job.plan_due, ANY /v1/forecasts.
Says: forecast.training_due, forecast.trained, forecast.ready, forecast.drifted.
"""
