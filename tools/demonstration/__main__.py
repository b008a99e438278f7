"""Loads the demonstration province and says how to sign in: ``python -m tools.demonstration``."""

import os
import sys

import django


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings

    from tools.demonstration import history, province

    if not settings.IS_DEMONSTRATION:
        print("这不是演示环境，不装入演示数据。", file=sys.stderr)
        return 1
    province.load(settings.VAR, settings)
    history.load(settings)
    print("\n".join([*province.sign_in_guide(settings.VAR, settings.ORIGIN), history.guide(settings.ORIGIN)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
