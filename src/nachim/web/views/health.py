"""Is it alive? For a supervisor; says nothing about the company."""

from django.db import DatabaseError, connection
from django.http import JsonResponse


def page(request):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        database = "ok"
    except DatabaseError:
        database = "down"
    return JsonResponse({"database": database}, status=200 if database == "ok" else 503)
