"""How often a person may ask for what is costly, or takes much away: files out, uploads, tries of other machines."""

from functools import wraps

from django.conf import settings

from nachim.app import limits
from nachim.web.security import noted

SECONDS = 600


def paced(kind: str, method: str = "GET"):
    """At most NACHIM_COSTLY_RATE times in ten minutes a person, for each kind; beyond it 429. `method`: what counts."""

    def paced_view(view):
        @wraps(view)
        def asked(request, *args, **kwargs):
            counted = request.method == method and request.user.is_authenticated
            most = settings.COSTLY_RATE
            if counted and not limits.take("pace", kind, str(request.user.pk), most=most, seconds=SECONDS):
                noted(request, "too many", kind=kind)
                from nachim.web.views.errors import too_many

                return too_many(request)
            return view(request, *args, **kwargs)

        return asked

    return paced_view
