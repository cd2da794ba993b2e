"""Django settings. What an operator may set comes from NACHIM_* variables, listed in docs/settings.md."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from nachim.app.database import database
from nachim.app.home import secret_key

WEB = Path(__file__).parent

DEBUG = False
SECRET_KEY = os.environ.get("NACHIM_SECRET_KEY") or secret_key()
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *filter(None, os.environ.get("NACHIM_HOSTS", "").split(","))]
TLS = os.environ.get("NACHIM_TLS") == "1"
# How many proxies of one's own stand before the app: the address of who asks is the one the first of them saw.
PROXIES = int(os.environ.get("NACHIM_PROXIES", "0"))

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "nachim.app.apps.NachimConfig",
    "nachim.jobs",
    "nachim.web",
]
MIDDLEWARE = [
    "nachim.web.measure.Measured",
    "django.middleware.security.SecurityMiddleware",
    "nachim.web.security.SecurityHeaders",
    "nachim.web.security.KnownMethods",
    "csp.middleware.CSPMiddleware",
    "nachim.web.static_files.StaticFiles",
    # Below the files, which are compressed already. What a page holds of secrets, CSRF tokens, is masked anew in every
    # answer, and Django pads what it compresses (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "nachim.web.security.SameSiteWrites",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "nachim.web.signin.SessionClock",
    "nachim.web.person.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "nachim.web.api.door.Door",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "builtins": [
                "nachim.web.tags",
                "nachim.web.words",
                "nachim.web.drawn",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "nachim.web.person.context",
            ],
            "loaders": [
                ("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"]),
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
ROOT_URLCONF = "nachim.web.urls"

DATABASES = {"default": database(os.environ.get("NACHIM_DATABASE", ""))}
AUTH_USER_MODEL = "app.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "now"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "nachim.app.passwords.Leaked"},
    {"NAME": "nachim.app.passwords.OwnWords"},
]
LEAKED_PASSWORDS = os.environ.get("NACHIM_LEAKED_PASSWORDS", "")
# Whether a password alone is not enough: who has no second proof has to make one first (web/signin.py).
SECOND_FACTOR = os.environ.get("NACHIM_SECOND_FACTOR") == "1"

# The live feed and slow work
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LOCALE_PATHS = [WEB / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Seoul"

STATIC_URL = "/static/"
STATICFILES_DIRS = [WEB / "static"]
# Files are served straight from the package: nothing to collect, nothing to go stale.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
# A vendored file has its version in its address and never changes.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/vendor/[^/]+@"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "nachim.web.static_files.NamedByContent"},
}

# Connections: where they may lead, and keys of their passwords that come from outside the home.
CONNECTION_HOSTS = os.environ.get("NACHIM_CONNECTION_HOSTS", "")
CONNECTION_KEYS = os.environ.get("NACHIM_CONNECTION_KEYS", "")

# Single sign-on by OpenID Connect (connect/oidc.py). The name stands on the button.
OIDC_ISSUER = os.environ.get("NACHIM_OIDC_ISSUER", "")
OIDC_CLIENT, OIDC_SECRET = os.environ.get("NACHIM_OIDC_CLIENT", ""), os.environ.get("NACHIM_OIDC_SECRET", "")
OIDC_STRONG = os.environ.get("NACHIM_OIDC_STRONG") == "1"
OIDC_NAME = os.environ.get("NACHIM_OIDC_NAME", "") or urlsplit(OIDC_ISSUER).hostname or ""

# Uploads: a file of rows may be large; it goes to disk, never to memory.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
# Where digests of findings go, and when nobody is disturbed (app/actions/digest.py).
NOTIFY = os.environ.get("NACHIM_NOTIFY", "")
NOTIFY_HOSTS = os.environ.get("NACHIM_NOTIFY_HOSTS", "")
QUIET_HOURS = os.environ.get("NACHIM_QUIET_HOURS", "21:00-08:00")
PUBLIC_URL = os.environ.get("NACHIM_URL", "").rstrip("/")
_mail = urlsplit(os.environ.get("NACHIM_MAIL_SERVER", ""))
EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or (465 if _mail.scheme == "smtps" else 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_USE_SSL, EMAIL_TIMEOUT = _mail.scheme == "smtps", 10
# Mail leaves this machine encrypted or not at all.
EMAIL_USE_TLS = not EMAIL_USE_SSL and EMAIL_HOST not in ("localhost", "127.0.0.1", "::1")
DEFAULT_FROM_EMAIL = os.environ.get("NACHIM_MAIL_FROM", "nachim@localhost")

# The API: requests a minute for each token or person, and events that may wait for their tables.
API_RATE = int(os.environ.get("NACHIM_API_RATE", "6000"))
# How often in ten minutes a person may take a file out, send one in, or have another machine tried (web/pace.py).
COSTLY_RATE = int(os.environ.get("NACHIM_COSTLY_RATE", "300"))
EVENTS_MAX_WAITING = int(os.environ.get("NACHIM_EVENTS_MAX_WAITING", "200000"))

UPLOAD_MAX_BYTES = int(os.environ.get("NACHIM_UPLOAD_MAX_MB", "1024")) * 1024 * 1024

SESSION_COOKIE_NAME = "__Host-nachim" if TLS else "nachim"
CSRF_COOKIE_NAME = "__Host-nachim-csrf" if TLS else "nachim-csrf"
LANGUAGE_COOKIE_NAME = "__Host-nachim-lang" if TLS else "nachim-lang"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = TLS
# The token of a form stands in the form: no script needs the cookie.
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# A session ends when nothing came for so long, and after so many days whatever came.
SESSION_IDLE_HOURS = int(os.environ.get("NACHIM_SESSION_IDLE_HOURS", "24"))
SESSION_COOKIE_AGE = int(os.environ.get("NACHIM_SESSION_DAYS", "14")) * 24 * 3600
SESSION_SAVE_EVERY_REQUEST = False
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
# The proxy leads pages from HTTP to HTTPS (deploy/nginx.conf), and nachim preloads nobody's domain.
SECURE_SSL_REDIRECT = False
SILENCED_SYSTEM_CHECKS = ["security.W008", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TLS else None
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if TLS]
CSRF_FAILURE_VIEW = "nachim.web.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

METRICS_TOKEN = os.environ.get("NACHIM_METRICS_TOKEN", "")
LOG_LEVEL = os.environ.get("NACHIM_LOG", "WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "nachim.web.logs.Json" if os.environ.get("NACHIM_LOG_FORMAT") == "json" else "nachim.web.logs.Line",
            # What must not be in a line even if somebody else's error message has it.
            "secrets": (
                SECRET_KEY,
                METRICS_TOKEN,
                DATABASES["default"].get("PASSWORD", ""),
                EMAIL_HOST_PASSWORD,
                *CONNECTION_KEYS.split(","),
            ),
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
