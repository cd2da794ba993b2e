"""Find by name: a page, and the list that the palette fetches as one types."""

from django.shortcuts import render

from nachim.app.queries.search import search
from nachim.web.person import page as guarded

LONGEST = 100


@guarded("company.view")
def page(request):
    typed = request.GET.get("q", "")[:LONGEST]
    template = "search/_hits.html" if request.headers.get("HX-Request") else "search/page.html"
    return render(request, template, {"typed": typed, "hits": search(request.user, typed)})
