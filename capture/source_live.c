/*
 * Network interfaces as a source, through libpcap, and sockets that receive HEP.
 *
 * All interfaces share a spool, which is a pcapng file of the frames that are kept, in the order in
 * which they were handed over, with their numbers; its interfaces have the numbers of the inputs.
 * A device that fails is a fault; the others continue.
 */
#include <pcap.h>
#include <poll.h>

#include "capture/error.h"
#include "capture/hep_listen.h"
#include "capture/interface_drops.h"
#include "capture/pcap_write.h"
#include "capture/source_ops.h"
#include "capture/walk.h"

enum {
  WAIT_MS = 50,
  KERNEL_BUFFER = 16 * 1024 * 1024,
  BATCH_BYTES = 1024 * 1024,
  BATCH_FRAMES = 8192,
};

typedef struct {
  char *name;
  pcap_t *handle; /* NULL: failed, or */
  HepListen *hep; /* a socket */
  int fd;
  uint16_t link_type;
  uint16_t tick_ns;      /* of pcap_pkthdr.ts.tv_usec */
  InterfaceDrops *drops; /* of the handle; or NULL */
  uint64_t dropped;      /* so far */
} Interface;

typedef struct {
  Interface *interfaces;
  unsigned count;
  unsigned first; /* to be read first: each in turn, so that none starves */
  Filter *filter;
  StoreSet *stores;
  unsigned store;    /* the spool */
  uint64_t kept_end; /* of it, before the frame that was kept last */
  _Atomic uint64_t flushed_end;
  struct pollfd *polled;
  int64_t drained_us; /* when a stopped capture has given all it had; 0 before the stop */
  _Atomic uint64_t dropped;
} Live;

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
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                "%s: no permission to capture; run as root, or once: "
                "setcap cap_net_raw,cap_net_admin=eip $(command -v rung)",
                name);
    return;
  }
  if (result == PCAP_ERROR_NO_SUCH_DEVICE) {
    g_autofree char *devices = list_devices();
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: no such interface; available: %s", name,
                *devices ? devices : "none");
    return;
  }
  const char *detail = pcap_geterr(handle);
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: cannot capture: %s%s%s", name,
              pcap_statustostr(result), *detail ? ": " : "", detail);
}

static bool activate(Interface *interface, GError **error)
{
  pcap_t *handle = interface->handle;
  bool is_any = strcmp(interface->name, "any") == 0; /* has no promiscuous mode */

  pcap_set_snaplen(handle, PACKET_LEN_MAX);
  pcap_set_promisc(handle, !is_any);
  pcap_set_timeout(handle, WAIT_MS);
  pcap_set_buffer_size(handle, KERNEL_BUFFER);
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
  interface->drops = interface_drops_new(interface->name, pcap_fileno(handle));
  return true;
}

static bool fail_handle(const Interface *interface, const char *what, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: cannot %s: %s", interface->name, what,
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
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, "%s: capture filter \"%s\": %s", interface->name,
                filter_expression(filter), pcap_geterr(handle));
    return false;
  }
  bool ok = pcap_setfilter(handle, &program) == 0;
  pcap_freecode(&program);
  return ok || fail_handle(interface, "set the capture filter", error);
}

static bool interface_open(Interface *interface, const char *name, const Live *live, GError **error)
{
  char message[PCAP_ERRBUF_SIZE] = "";

  interface->name = g_strdup(name);
  interface->handle = pcap_create(name, message);
  if (!interface->handle) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: cannot capture: %s", name, message);
    return false;
  }
  if (!activate(interface, error) || (live->filter && !set_filter(interface, live->filter, error)))
    return false;
  return pcap_setnonblock(interface->handle, 1, message) == 0 ||
         fail_handle(interface, "read without waiting", error);
}

static bool spool_octets(const Live *live, const void *octets, size_t len, GError **error)
{
  ByteRef unused;

  return store_append(live->stores, live->store, slice_of(octets, len), &unused, error);
}

/* Describes all interfaces, so that packets can follow in any order. */
static bool begin_spool(Live *live, GError **error)
{
  uint8_t section[PCAPNG_SECTION_LEN], block[PCAPNG_INTERFACE_LEN_MAX];

  pcapng_write_section(section);
  if (!store_set_add_spool(live->stores, &live->store, error) ||
      !spool_octets(live, section, sizeof section, error))
    return false;
  for (unsigned i = 0; i < live->count; i++) {
    const Interface *interface = &live->interfaces[i];
    size_t len = pcapng_write_interface(interface->link_type, interface->name, block);
    if (!spool_octets(live, block, len, error))
      return false;
  }
  return true;
}

static bool interface_listen(Interface *interface, const char *address,
                             const SourceOptions *options, GError **error)
{
  const HepListenOptions listen = {address, options->hep_password, options->hep_allow};

  interface->name = g_strdup(address);
  interface->link_type = LINK_TYPE_RAW;
  interface->hep = hep_listen_open(&listen, error);
  if (!interface->hep)
    return false;
  interface->fd = hep_listen_fd(interface->hep);
  return true;
}

static bool interface_is_open(const Interface *interface)
{
  return interface->handle || interface->hep;
}

static void interface_close(Interface *interface)
{
  if (interface->handle)
    pcap_close(interface->handle);
  interface->handle = NULL;
  g_clear_pointer(&interface->drops, interface_drops_free);
  g_clear_pointer(&interface->hep, hep_listen_free);
}

static void live_free(void *input)
{
  Live *live = input;

  for (unsigned i = 0; i < live->count; i++) {
    interface_close(&live->interfaces[i]);
    g_free(live->interfaces[i].name);
  }
  g_free(live->interfaces);
  g_free(live->polled);
  g_free(live);
}

static bool spool_frame(const Live *live, Frame *frame, GError **error)
{
  uint8_t header[PCAPNG_PACKET_HEADER_LEN], trailer[PCAPNG_PACKET_TRAILER_MAX];
  Slice octets = slice_of((const char *) frame->data, frame->len);
  ByteRef ref;

  pcapng_write_packet_header(frame, frame->input, true, header);
  size_t trailer_len = pcapng_write_packet_trailer(frame, true, trailer);
  store_mark(live->stores, live->store, frame->number);
  if (!spool_octets(live, header, sizeof header, error) ||
      !store_append(live->stores, live->store, octets, &ref, error) ||
      !spool_octets(live, trailer, trailer_len, error))
    return false;
  frame->ref = ref;
  return true;
}

static void live_forget(Source *source)
{
  const Live *live = source->input;

  store_rollback(live->stores, live->store, live->kept_end);
}

/* A frame that cannot be written as a whole is not written at all. */
static bool live_keep(Source *source, Frame *frame, GError **error)
{
  Live *live = source->input;

  live->kept_end = store_end(live->stores, live->store);
  bool ok = spool_frame(live, frame, error);
  if (!ok)
    live_forget(source);
  return ok;
}

/* A batch that is being filled. */
typedef struct {
  FrameBatch *frames;
  size_t used; /* bytes */
  GPtrArray *faults;
} Filling;

static bool has_room(const Filling *filling)
{
  return filling->frames->count < BATCH_FRAMES &&
         filling->frames->bytes_room - filling->used >= PACKET_LEN_MAX;
}

/* Judges a packet of which the bytes are in the batch. */
static void add_packet(const Live *live, unsigned number, Frame packet, Filling *filling)
{
  packet.input = (uint16_t) number;
  packet.link_type = live->interfaces[number].link_type;
  packet.matched = !live->filter || filter_judge_live(live->filter, &packet);
  filling->used += packet.len;
  *frame_batch_add(filling->frames) = packet;
}

static void read_socket(const Live *live, unsigned number, Filling *filling)
{
  while (has_room(filling)) {
    uint8_t *at = filling->frames->bytes + filling->used;
    uint32_t len = (uint32_t) hep_listen_read(live->interfaces[number].hep, at);
    if (len == 0)
      return;
    Frame packet = {
      .data = at, .len = len, .wire_len = len, .time_ns = g_get_real_time() * INT64_C(1000)};
    add_packet(live, number, packet, filling);
  }
}

/* What the interface has, as far as the batch has room.  False when the interface is lost. */
static bool read_interface(const Live *live, unsigned number, Filling *filling)
{
  const Interface *interface = &live->interfaces[number];

  while (has_room(filling)) {
    struct pcap_pkthdr *header;
    const u_char *data;
    int result = pcap_next_ex(interface->handle, &header, &data);
    if (result == 0)
      return true;
    if (result < 0) {
      g_ptr_array_add(filling->faults, g_strdup_printf("%s: capture ended: %s", interface->name,
                                                       pcap_geterr(interface->handle)));
      return false;
    }
    Frame packet = {.data = data,
                    .len = MIN(header->caplen, (uint32_t) PACKET_LEN_MAX),
                    .wire_len = MAX(header->len, header->caplen),
                    .time_ns = header->ts.tv_sec * INT64_C(1000000000) +
                               header->ts.tv_usec * interface->tick_ns};
    /* The packet is libpcap's until its next call, so it is copied. */
    uint8_t *copy = filling->frames->bytes + filling->used;
    memcpy(copy, packet.data, packet.len);
    packet.data = copy;
    add_packet(live, number, packet, filling);
  }
  return true;
}

/* Equal times keep the order in which they were read, which is that of the copies. */
static int compare_times(const void *a, const void *b)
{
  const Frame *left = a, *right = b;

  if (left->time_ns != right->time_ns)
    return left->time_ns < right->time_ns ? -1 : 1;
  return left->data < right->data ? -1 : left->data > right->data;
}

static void read_all(Live *live, Filling *filling)
{
  for (unsigned i = 0; i < live->count; i++) {
    unsigned number = (live->first + i) % live->count;
    Interface *interface = &live->interfaces[number];
    if (interface->hep)
      read_socket(live, number, filling);
    else if (interface->handle && !read_interface(live, number, filling))
      interface_close(interface);
  }
  live->first = (live->first + 1) % live->count;
  if (live->count > 1 && filling->frames->count > 1)
    qsort(filling->frames->frames, filling->frames->count, sizeof(Frame), compare_times);
}

/* False when no interface is left. */
static bool wait_for_packets(const Live *live)
{
  bool any_left = false;

  for (unsigned i = 0; i < live->count; i++) {
    bool is_open = interface_is_open(&live->interfaces[i]);
    live->polled[i] =
      (struct pollfd){.fd = is_open ? live->interfaces[i].fd : -1, .events = POLLIN};
    any_left = any_left || is_open;
  }
  if (any_left)
    poll(live->polled, live->count, WAIT_MS);
  return any_left;
}

/* What was captured before the stop may still be on its way from the kernel. */
static bool is_drained(Live *live, const Source *source)
{
  enum { DRAIN_US = 150 * 1000 };

  if (!source_is_stopped(source))
    return false;
  if (live->drained_us == 0)
    live->drained_us = g_get_monotonic_time() + DRAIN_US;
  return g_get_monotonic_time() >= live->drained_us;
}

static SourceStatus live_read(Source *source, FrameBatch *batch)
{
  Live *live = source->input;
  Filling filling = {.frames = batch, .faults = source->faults};

  if (is_drained(live, source)) {
    for (unsigned i = 0; i < live->count; i++)
      if (live->interfaces[i].hep)
        hep_listen_append_faults(live->interfaces[i].hep, source->faults);
    return SOURCE_END;
  }
  frame_batch_reserve(batch, BATCH_BYTES);
  read_all(live, &filling);
  if (batch->count == 0 && !wait_for_packets(live))
    return SOURCE_END;
  if (batch->count == 0)
    read_all(live, &filling);
  uint64_t sum = 0;
  for (unsigned i = 0; i < live->count; i++) {
    Interface *interface = &live->interfaces[i];
    struct pcap_stat stats;
    if (interface->handle && interface->drops)
      interface->dropped = interface_drops_read(interface->drops);
    else if (interface->handle && pcap_stats(interface->handle, &stats) == 0)
      interface->dropped = stats.ps_drop;
    else if (interface->hep)
      interface->dropped = hep_listen_dropped(interface->hep);
    sum += interface->dropped;
  }
  atomic_store_explicit(&live->dropped, sum, memory_order_relaxed);
  for (size_t i = 0; i < batch->count; i++)
    batch->frames[i].number = ++source->frames;
  return batch->count > 0 ? SOURCE_FRAMES : SOURCE_IDLE;
}

static void live_flushed(Source *source)
{
  Live *live = source->input;

  if (source->keeping == SOURCE_KEEPS_FRAMES)
    atomic_store_explicit(&live->flushed_end, store_end(live->stores, live->store),
                          memory_order_release);
}

static bool live_reopen(const Source *source, Source *again, GError **error)
{
  const Live *live = source->input;
  uint64_t end = atomic_load_explicit(&live->flushed_end, memory_order_acquire);

  return source_reopen_spool(again, live->store, end, error);
}

static uint64_t live_dropped(const void *input)
{
  return atomic_load_explicit(&((const Live *) input)->dropped, memory_order_relaxed);
}

static const char *live_name(const void *input, unsigned number)
{
  return ((const Live *) input)->interfaces[number].name;
}

static unsigned live_count(const void *input)
{
  return ((const Live *) input)->count;
}

static const SourceOps INTERFACES = {
  .is_live = true,
  .read = live_read,
  .keep = live_keep,
  .forget = live_forget,
  .flushed = live_flushed,
  .reopen = live_reopen,
  .name = live_name,
  .count = live_count,
  .dropped = live_dropped,
  .free = live_free,
};

static unsigned count_words(const char *const *words)
{
  unsigned count = 0;

  while (words && words[count])
    count++;
  return count;
}

static bool open_inputs(Live *live, const SourceOptions *options, GError **error)
{
  for (const char *const *name = options->interfaces; name && *name; name++)
    if (!interface_open(&live->interfaces[live->count++], *name, live, error))
      return false;
  for (const char *const *address = options->hep_addresses; address && *address; address++)
    if (!interface_listen(&live->interfaces[live->count++], *address, options, error))
      return false;
  return true;
}

bool source_open_live(Source *source, const SourceOptions *options, GError **error)
{
  Live *live = g_new0(Live, 1);
  unsigned count = count_words(options->interfaces) + count_words(options->hep_addresses);

  source->ops = &INTERFACES;
  source->input = live;
  live->interfaces = g_new0(Interface, count);
  live->polled = g_new0(struct pollfd, count);
  live->filter = source->filter;
  live->stores = source->stores;
  if (!open_inputs(live, options, error))
    return false;
  return source->keeping != SOURCE_KEEPS_FRAMES || begin_spool(live, error);
}
