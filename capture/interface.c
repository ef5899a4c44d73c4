#include "capture/interface.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pcap.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/interface_drops.h"
#include "capture/language.h"
#include "capture/walk.h"

enum {
  WAIT_MS = 50,
  BUFFER_BYTES = 16 * 1024 * 1024,
  LOOK_US = 500 * 1000,       /* for one that is away */
  NEWS_US = 60 * 1000 * 1000, /* at least between two lines of one that comes and goes */
};

struct Interface {
  char *name;         /* as it was given, */
  const char *device; /* and without the namespace, in it */
  pcap_t *handle;
  int fd;
  uint16_t link_type;
  uint16_t tick_ns;      /* of pcap_pkthdr.ts.tv_usec */
  InterfaceDrops *drops; /* NULL: not of packet(7) */
  int kind;              /* ARPHRD_ of the device; -1: it cannot be bound again */
  bool is_reserved;
  bool is_away, has_ended;
  bool away_is_said;
  int64_t looked_us, said_us;
};

/* --- Opening ---------------------------------------------------------------------------------- */

/* "any, eth0, lo" */
static char *list_devices(void)
{
  char message[PCAP_ERRBUF_SIZE];
  pcap_if_t *devices = NULL;
  GString *text = g_string_new(NULL);

  if (pcap_findalldevs(&devices, message) != 0)
    devices = NULL;
  for (const pcap_if_t *device = devices; device; device = device->next)
    g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", device->name);
  if (devices)
    pcap_freealldevs(devices);
  return g_string_free(text, false);
}

static void set_activate_error(const char *name, pcap_t *handle, int result, GError **error)
{
  if (result == PCAP_ERROR_PERM_DENIED || result == PCAP_ERROR_PROMISC_PERM_DENIED) {
    g_set_error(error, APP_ERROR, APP_ERROR_RIGHTS,
                _("%s: no permission to capture; run as root, or once: "
                  "sudo rung --setup-caps"),
                name);
    return;
  }
  if (result == PCAP_ERROR_NO_SUCH_DEVICE) {
    g_autofree char *devices = list_devices();
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s: no such interface; available: %s"), name,
                *devices ? devices : _("none"));
    return;
  }
  const char *detail = pcap_geterr(handle);
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s: cannot capture: %s%s%s"), name,
              pcap_statustostr(result), *detail ? ": " : "", detail);
}

static bool activate(Interface *interface, const InterfaceOptions *options, GError **error)
{
  pcap_t *handle = interface->handle;
  bool is_any = strcmp(interface->device, "any") == 0; /* has no promiscuous mode */

  pcap_set_snaplen(handle, options->snap_len > 0 ? (int) options->snap_len : PACKET_LEN_MAX);
  pcap_set_promisc(handle, !is_any && !interface->is_reserved);
  pcap_set_timeout(handle, WAIT_MS);
  pcap_set_buffer_size(handle,
                       options->buffer_bytes > 0 ? (int) options->buffer_bytes : BUFFER_BYTES);
  pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO); /* else stays microseconds */
  int result = pcap_activate(handle);
  if (result < 0) {
    set_activate_error(interface->name, handle, result, error);
    return false;
  }
  bool is_nano = pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO;
  interface->tick_ns = is_nano ? 1 : 1000;
  interface->link_type = link_type_of_dlt((uint16_t) pcap_datalink(handle));
  interface->fd = pcap_get_selectable_fd(handle);
  return true;
}

static bool fail_handle(const Interface *interface, const char *what, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s: cannot %s: %s"), interface->name, what,
              pcap_geterr(interface->handle));
  return false;
}

/* The widest that the link type has a meaning for. */
static bool compile_filter(pcap_t *handle, const Filter *filter, struct bpf_program *program)
{
  for (FilterWidth width = 0; width < FILTER_WIDTHS; width++) {
    g_autofree char *expression = filter_kernel_expression(filter, width);
    if (expression && pcap_compile(handle, program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0)
      return true;
  }
  return false;
}

static bool set_filter(const Interface *interface, const Filter *filter, GError **error)
{
  struct bpf_program program = {0};
  pcap_t *handle = interface->handle;

  if (!compile_filter(handle, filter, &program)) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("%s: capture filter \"%s\": %s"),
                interface->name, filter_expression(filter), pcap_geterr(handle));
    return false;
  }
  bool ok = pcap_setfilter(handle, &program) == 0;
  pcap_freecode(&program);
  return ok || fail_handle(interface, _("set the capture filter"), error);
}

/* ARPHRD_ of the device as it is now; -1: it is away, or is no single one. */
static int kind_of(const Interface *interface)
{
  struct ifreq request = {0};

  g_strlcpy(request.ifr_name, interface->device, sizeof request.ifr_name);
  if (ioctl(interface->fd, SIOCGIFHWADDR, &request) != 0)
    return -1;
  return request.ifr_hwaddr.sa_family;
}

static bool open_device(Interface *interface, const InterfaceOptions *options, GError **error)
{
  char message[PCAP_ERRBUF_SIZE] = "";
  bool is_here = interface->device == interface->name;

  interface->handle = pcap_create(interface->device, message);
  if (!interface->handle) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s: cannot capture: %s"), interface->name,
                message);
    return false;
  }
  if (!activate(interface, options, error) ||
      (options->filter && !set_filter(interface, options->filter, error)))
    return false;
  if (pcap_setnonblock(interface->handle, 1, message) != 0)
    return fail_handle(interface, _("read without waiting"), error);
  interface->drops =
    interface_drops_new(is_here ? interface->device : NULL, pcap_fileno(interface->handle));
  interface->kind = interface->drops ? kind_of(interface) : -1;
  return true;
}

static bool fail_namespace(const char *name, const char *what, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s: cannot %s: %s"), name, what,
              g_strerror(errno));
  return false;
}

/* As ip-netns(8) names it.  What the thread opens meanwhile is of the namespace for good. */
static bool enter_namespace(const char *name, const char *namespace, int *ret_before,
                            GError **error)
{
  g_autofree char *path = g_build_filename("/run/netns", namespace, NULL);
  int there = open(path, O_RDONLY | O_CLOEXEC);

  if (there < 0)
    return fail_namespace(name, _("open the network namespace (ip netns list)"), error);
  int before = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  bool ok = before >= 0 && setns(there, CLONE_NEWNET) == 0;
  close(there);
  if (ok) {
    *ret_before = before;
    return true;
  }
  fail_namespace(name, _("enter the network namespace"), error);
  if (before >= 0)
    close(before);
  return false;
}

static bool open_in_namespace(Interface *interface, const char *namespace,
                              const InterfaceOptions *options, GError **error)
{
  int before;

  if (!enter_namespace(interface->name, namespace, &before, error))
    return false;
  bool ok = open_device(interface, options, error);
  bool is_back = setns(before, CLONE_NEWNET) == 0;
  if (ok && !is_back)
    fail_namespace(interface->name, _("leave the network namespace"), error);
  close(before);
  return ok && is_back;
}

Interface *interface_open(const InterfaceOptions *options, GError **error)
{
  static const char PREFIX[] = "netns:";
  g_autoptr(Interface) interface = g_new0(Interface, 1);

  interface->name = g_strdup(options->name);
  interface->device = interface->name;
  interface->is_reserved = options->is_reserved;
  interface->fd = interface->kind = -1;
  if (!g_str_has_prefix(options->name, PREFIX))
    return open_device(interface, options, error) ? g_steal_pointer(&interface) : NULL;
  const char *namespace = options->name + strlen(PREFIX), *slash = strchr(namespace, '/');
  if (!slash || slash == namespace || slash[1] == '\0') {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("-i needs netns:NAME/INTERFACE, not '%s'"),
                options->name);
    return NULL;
  }
  g_autofree char *its_name = g_strndup(namespace, (size_t) (slash - namespace));
  interface->device = interface->name + (slash + 1 - options->name);
  if (!open_in_namespace(interface, its_name, options, error))
    return NULL;
  return g_steal_pointer(&interface);
}

void interface_free(Interface *interface)
{
  if (!interface)
    return;
  if (interface->handle)
    pcap_close(interface->handle);
  interface_drops_free(interface->drops);
  g_free(interface->name);
  g_free(interface);
}

int interface_fd(const Interface *interface)
{
  return interface->fd;
}

bool interface_is_away(const Interface *interface)
{
  return interface->is_away;
}

uint16_t interface_link_type(const Interface *interface)
{
  return interface->link_type;
}

/* --- Reading ---------------------------------------------------------------------------------- */

InterfaceStatus interface_read(Interface *interface, Frame *ret_packet)
{
  struct pcap_pkthdr *header;
  const u_char *data;

  if (interface->is_away || interface->has_ended)
    return interface->is_away ? INTERFACE_EMPTY : INTERFACE_ENDED;
  int result = pcap_next_ex(interface->handle, &header, &data);
  if (result == 0)
    return INTERFACE_EMPTY;
  if (result < 0) {
    interface->is_away = interface->kind >= 0;
    interface->has_ended = !interface->is_away;
    interface->looked_us = g_get_monotonic_time();
    return interface->is_away ? INTERFACE_EMPTY : INTERFACE_ENDED;
  }
  *ret_packet = (Frame){.data = data,
                        .len = MIN(header->caplen, (uint32_t) PACKET_LEN_MAX),
                        .wire_len = MAX(header->len, header->caplen),
                        .time_ns = header->ts.tv_sec * INT64_C(1000000000) +
                                   header->ts.tv_usec * interface->tick_ns};
  return INTERFACE_PACKET;
}

uint64_t interface_dropped(Interface *interface)
{
  struct pcap_stat stats = {0};

  if (interface->drops)
    return interface_drops_read(interface->drops);
  return pcap_stats(interface->handle, &stats) == 0 ? stats.ps_drop : 0;
}

/* --- One that is away ------------------------------------------------------------------------- */

static bool is_up(const Interface *interface)
{
  struct ifreq request = {0};

  g_strlcpy(request.ifr_name, interface->device, sizeof request.ifr_name);
  return ioctl(interface->fd, SIOCGIFFLAGS, &request) == 0 && request.ifr_flags & IFF_UP;
}

/* The filter and the buffer are of the socket, and stay; promiscuous mode is of the device. */
static bool bind_again(const Interface *interface)
{
  struct ifreq request = {0};

  g_strlcpy(request.ifr_name, interface->device, sizeof request.ifr_name);
  if (ioctl(interface->fd, SIOCGIFINDEX, &request) != 0)
    return false;
  const struct sockaddr_ll address = {
    .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = request.ifr_ifindex};
  const struct packet_mreq promiscuous = {.mr_ifindex = request.ifr_ifindex,
                                          .mr_type = PACKET_MR_PROMISC};
  if (bind(interface->fd, (const struct sockaddr *) &address, sizeof address) != 0)
    return false;
  if (!interface->is_reserved)
    setsockopt(interface->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous);
  return true;
}

/* libpcap does not always report that a device was set down. */
static void look(Interface *interface, int64_t now_us)
{
  if (interface->kind < 0 || now_us - interface->looked_us < LOOK_US)
    return;
  interface->looked_us = now_us;
  interface->is_away = kind_of(interface) != interface->kind || !is_up(interface) ||
                       (interface->is_away && !bind_again(interface));
}

char *interface_news(Interface *interface)
{
  int64_t now_us = g_get_monotonic_time();

  if (interface->has_ended && !interface->away_is_said) {
    interface->away_is_said = true;
    return g_strdup_printf(_("%s: capture ended: %s"), interface->name,
                           pcap_geterr(interface->handle));
  }
  look(interface, now_us);
  if (!interface->is_away && interface->away_is_said && !interface->has_ended) {
    interface->away_is_said = false;
    return g_strdup_printf(_("%s: the interface is back"), interface->name);
  }
  if (!interface->is_away || interface->away_is_said ||
      (interface->said_us != 0 && now_us - interface->said_us < NEWS_US))
    return NULL;
  interface->away_is_said = true;
  interface->said_us = now_us;
  return g_strdup_printf(_("%s: the interface went away; waiting for it"), interface->name);
}
