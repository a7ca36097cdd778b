"""The settings of the embedded PostgreSQL, sized for the machine it runs on."""

import os
import shutil
from pathlib import Path

import psutil

MEGABYTE = 1024**2
# Parallel queries need this much in /dev/shm; containers often have only 64 MB.
SHARED_MEMORY_NEEDED = 256 * MEGABYTE

# For tests: a crash may lose the database, so nothing waits for the disk.
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "autovacuum_naptime": "10min",
}


def settings_for(port: int) -> dict[str, str]:
    """Return the contents of postgresql.conf: loopback only, no sockets in the file system."""
    cores = os.cpu_count() or 1
    buffers = min(1024, max(128, memory_limit() // MEGABYTE // 16))
    return {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "120",
        "shared_buffers": f"{buffers}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": "256MB",
        "effective_cache_size": f"{max(256, memory_limit() // MEGABYTE // 2)}MB",
        "dynamic_shared_memory_type": _dynamic_shared_memory(),
        "max_worker_processes": str(max(8, 2 * cores)),
        "max_parallel_workers": str(max(2, cores)),
        "max_parallel_workers_per_gather": str(max(2, min(4, cores))),
        "random_page_cost": "1.1",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        "log_min_messages": "warning",
    }


def memory_limit() -> int:
    """Return the bytes of memory we may use: the machine's, or less when the container says so."""
    total = int(psutil.virtual_memory().total)
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def _dynamic_shared_memory() -> str:
    """Choose where parallel workers share memory: /dev/shm when it is large enough."""
    shared = Path("/dev/shm")  # noqa: S108 - not a temporary file: its size is asked
    if not shared.exists():
        return "posix"  # macOS keeps POSIX shared memory elsewhere
    return "posix" if shutil.disk_usage(shared).free >= SHARED_MEMORY_NEEDED else "mmap"
