"""Goals, KPIs and people: models, who may (policy), every state change (actions), read models (queries)."""
