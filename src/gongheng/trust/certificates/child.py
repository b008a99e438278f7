"""The limited process in which a foreign certificate is parsed for the first time (证书解析子进程).

A parser is a front door: one long object identifier kept a common one busy for minutes. What goes
wrong here costs this process only. Reads DER on stdin, writes one JSON object on stdout.
"""

import json
import resource
import sys
from pathlib import Path

LIMIT = 16 * 1024
CPU_SECONDS = 3
MEMORY = 512 * 2**20


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # Run with -I, so that nothing in the environment chooses what is imported.
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from gongheng.crypto import certs

    try:
        certs.parse(sys.stdin.buffer.read(LIMIT + 1))
    except certs.CertificateRefused as refused:
        print(json.dumps({"code": refused.code, "message": refused.message}))
    else:
        print(json.dumps({"code": "", "message": ""}))


if __name__ == "__main__":
    main()
