"""Every state change: policy → write → audit → change feed.

Views, jobs and the command line call these; nothing else writes.
"""
