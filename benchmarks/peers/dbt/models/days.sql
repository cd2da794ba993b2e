-- The table is there before dbt comes: ask_metricflow.py loads it.
SELECT * FROM raw.days
