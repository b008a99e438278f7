"""Django settings; what differs between deployments comes from the environment."""

import os
from pathlib import Path

from gongheng.kernel.clock import DemonstrationClock, SystemClock
from gongheng.kernel.keyring import Keyring

BASE = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("GONGHENG_VAR", BASE / "var")).resolve()
IS_DEMONSTRATION = os.environ.get("GONGHENG_DEMO") == "1"
ORIGIN = os.environ.get("GONGHENG_ORIGIN", "http://localhost:8000")

KEYRING = Keyring(VAR / "keys")
CLOCK = DemonstrationClock(VAR / "demonstration-clock.json") if IS_DEMONSTRATION else SystemClock()
FILES = VAR / "files"
FONTS = Path(os.environ.get("GONGHENG_FONTS", BASE / "build" / "fonts"))
LOG_ORIGIN = os.environ.get("GONGHENG_LOG_ORIGIN", "gongheng.demo/2026")
TRUSTEE_KEYS = VAR / "trustees"  # <name>/public.json: the enrolled identity keys, public halves
WITNESS_URL = os.environ.get("GONGHENG_WITNESS_URL", "")
SMS_URL = os.environ.get("GONGHENG_SMS_URL", "")
VOICE_URL = os.environ.get("GONGHENG_VOICE_URL", "")  # empty: experts are told by SMS only
JANUS_URL = os.environ.get("GONGHENG_JANUS_URL", "")  # empty: meetings go from browser to browser
GATE_URL = os.environ.get("GONGHENG_GATE_URL", "")
BANK_URL = os.environ.get("GONGHENG_BANK_URL", "")
#: USCC of the platform's operator: part of every unified deal code (统一交易标识码).
OPERATOR_USCC = os.environ.get("GONGHENG_OPERATOR_USCC", "12370000MB28000013")

SECRET_KEY = KEYRING.secret("django").hex()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("GONGHENG_HOSTS", "*").split(",")
CSRF_TRUSTED_ORIGINS = [ORIGIN]

INSTALLED_APPS = [
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "gongheng.ui",  # before django.forms: its form templates win
    "django.forms",
    "gongheng.trust.evidence",
    "gongheng.trust.documents",
    "gongheng.trust.certificates",
    "gongheng.trust.signatures",
    "gongheng.people.identity",
    "gongheng.people.parties",
    "gongheng.people.experts",
    "gongheng.places.venues",
    "gongheng.places.meetings",
    "gongheng.places.access",
    "gongheng.trading.projects",
    "gongheng.trading.notices",
    "gongheng.trading.bids",
    "gongheng.trading.coordination",
    "gongheng.trading.draws",
    "gongheng.trading.opening",
    "gongheng.trading.evaluation",
    "gongheng.trading.sessions",
    "gongheng.trading.award",
    "gongheng.trading.contracts",
    "gongheng.followers.archive",
    "gongheng.followers.exchange",
    "gongheng.followers.analytics",
    "gongheng.desks.portal",
    "gongheng.desks.tenderer",
    "gongheng.desks.bidder",
    "gongheng.desks.expert",
    "gongheng.desks.centre",
    "gongheng.desks.supervisor",
    "tools.demonstration",  # answers 404 outside a demonstration
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "gongheng.people.identity.middleware.acting",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "gongheng.ui.middleware.content_security_policy",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.server.pages"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "gongheng.desks.context.page",
            ],
            "builtins": ["gongheng.ui.templatetags.gh"],
        },
    }
]


def _database(url: str) -> dict:
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 12, "timeout": 20}},
    }


DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql://gongheng@127.0.0.1:5432/gongheng"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sessions live in the signed cookie only: a session table would tell a dump who was at work
# on which lot in the sealed phase (security.md 3.1, BIDDER_SET).
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ORIGIN.startswith("https://")
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE / "build" / "static"]
# WhiteNoise reads the apps' folders at start: no copy is collected, so none can be stale.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Nothing that a request carries may reach a log: paths and bodies of the sealed phase are secret.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        "django.security": {"handlers": [], "propagate": False},
        "gongheng": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
