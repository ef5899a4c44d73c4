#include "capture/interface_drops.h"

#include <fcntl.h>
#include <glib.h>
#include <linux/if_packet.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COUNTERS = 2 };

struct InterfaceDrops {
  int socket;
  int counters[COUNTERS]; /* open files; -1: there is none */
  uint64_t before;        /* what the counters were at first */
  uint64_t in_kernel;     /* so far */
  uint64_t dropped;       /* by both so far */
};

static uint64_t read_counters(const InterfaceDrops *drops)
{
  enum { DIGITS_MAX = 24 };
  uint64_t sum = 0;

  for (unsigned i = 0; i < COUNTERS; i++) {
    char text[DIGITS_MAX + 1] = "";
    if (drops->counters[i] >= 0 && pread(drops->counters[i], text, DIGITS_MAX, 0) > 0)
      sum += g_ascii_strtoull(text, NULL, 10);
  }
  return sum;
}

static bool is_packet_socket(int socket)
{
  int domain = AF_UNSPEC;
  socklen_t len = sizeof domain;

  return getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_PACKET;
}

InterfaceDrops *interface_drops_new(const char *name, int socket)
{
  static const char *const NAMES[COUNTERS] = {"rx_missed_errors", "rx_fifo_errors"};

  if (!is_packet_socket(socket))
    return NULL;
  InterfaceDrops *drops = g_new0(InterfaceDrops, 1);
  drops->socket = socket;
  for (unsigned i = 0; i < COUNTERS; i++) {
    g_autofree char *path =
      g_build_filename("/sys/class/net", name ? name : "", "statistics", NAMES[i], NULL);
    drops->counters[i] = name ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  }
  drops->before = read_counters(drops);
  return drops;
}

void interface_drops_free(InterfaceDrops *drops)
{
  if (!drops)
    return;
  for (unsigned i = 0; i < COUNTERS; i++)
    if (drops->counters[i] >= 0)
      close(drops->counters[i]);
  g_free(drops);
}

uint64_t interface_drops_read(InterfaceDrops *drops)
{
  struct tpacket_stats_v3 since_last = {0}; /* of any version: it is filled as far as that goes */
  socklen_t len = sizeof since_last;

  if (getsockopt(drops->socket, SOL_PACKET, PACKET_STATISTICS, &since_last, &len) == 0)
    drops->in_kernel += since_last.tp_drops;
  uint64_t counted = read_counters(drops);
  /* an interface that was removed has no counters any more */
  uint64_t in_interface = counted > drops->before ? counted - drops->before : 0;
  drops->dropped = MAX(drops->dropped, drops->in_kernel + in_interface);
  return drops->dropped;
}
