#include "ui/machine_limits.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What a call and a message take at the most, on average. */
enum { CALL_BYTES = 1024, MESSAGE_BYTES = 160, ENDPOINT_BYTES = 128, CONNECTION_BYTES = 512 };

/* The limit of a control group (cgroup v2), if there is one. */
static uint64_t cgroup_memory(void)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents("/sys/fs/cgroup/memory.max", &text, NULL, NULL) ||
      !g_ascii_isdigit(*text))
    return UINT64_MAX;
  return g_ascii_strtoull(text, NULL, 10);
}

/* Half of what there is, or of what this process may have. */
static uint64_t default_memory(void)
{
  uint64_t bytes = cgroup_memory();
  long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  struct rlimit limit;

  if (pages > 0 && page > 0)
    bytes = MIN(bytes, (uint64_t) pages * (uint64_t) page);
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    bytes = MIN(bytes, (uint64_t) limit.rlim_cur);
  return bytes / 2;
}

Limits machine_limits(const Options *options)
{
  uint64_t bytes = options->max_memory > 0 ? options->max_memory : default_memory();
  Limits limits = LIMITS_DEFAULT;

  limits.calls = (uint32_t) CLAMP(bytes / 2 / CALL_BYTES, 1, limits.calls);
  limits.messages = (uint32_t) CLAMP(bytes / 2 / MESSAGE_BYTES, 1, limits.messages);
  limits.endpoints = (uint32_t) CLAMP(bytes / 32 / ENDPOINT_BYTES, 16, limits.endpoints);
  limits.streams = (uint32_t) CLAMP(bytes / 8 / sizeof(RtpStream), 1, limits.streams);
  limits.packets.fragment_bytes = MIN(bytes / 32, limits.packets.fragment_bytes);
  limits.carrier.connections = MIN(bytes / 16 / CONNECTION_BYTES, limits.carrier.connections);
  limits.carrier.stream_bytes = MIN(bytes / 8, limits.carrier.stream_bytes);
  if (options->max_calls > 0)
    limits.calls = options->max_calls;
  return limits;
}

uint64_t machine_disk_limit(const Options *options)
{
  struct statvfs status;

  if (options->max_disk > 0)
    return options->max_disk;
  if (statvfs(g_get_tmp_dir(), &status) != 0)
    return 0;
  return (uint64_t) status.f_bavail * status.f_frsize / 2;
}
