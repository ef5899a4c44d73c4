/*
 * Network interfaces as a source, through libpcap, and sockets that receive HEP.
 *
 * All interfaces share a spool, which is a pcapng file of the frames that are kept, in the order in
 * which they were handed over, with their numbers; its interfaces have the numbers of the inputs.
 * A device that fails is a fault; the others continue.
 */
#include <poll.h>

#include "capture/error.h"
#include "capture/hep_listen.h"
#include "capture/interface.h"
#include "capture/pcap_write.h"
#include "capture/source_ops.h"
#include "capture/walk.h"

enum {
  WAIT_MS = 50,
  BATCH_BYTES = 1024 * 1024,
  BATCH_FRAMES = 8192,
};

typedef struct {
  char *name;
  Interface *interface; /* NULL: failed, or */
  HepListen *hep;       /* a socket */
  int fd;
  uint16_t link_type;
  uint64_t read;                              /* packets */
  _Atomic uint64_t packets, dropped, refused; /* so far */
} Input;

typedef struct {
  Input *inputs;
  unsigned count;
  unsigned first; /* to be read first: each in turn, so that none starves */
  Filter *filter;
  StoreSet *stores;
  unsigned store;    /* the spool */
  uint64_t kept_end; /* of it, before the frame that was kept last */
  _Atomic uint64_t flushed_end;
  struct pollfd *polled;
  int64_t stopped_us, stopped_ns; /* when it was stopped, by both clocks; 0: it was not */
  bool is_behind;                 /* the last read gave a packet that came before that */
} Live;

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
    const Input *input = &live->inputs[i];
    size_t len = pcapng_write_interface(input->link_type, input->name, block);
    if (!spool_octets(live, block, len, error))
      return false;
  }
  return true;
}

static bool input_listen(Input *input, const char *address, const SourceOptions *options,
                         GError **error)
{
  const HepListenOptions listen = {.address = address,
                                   .password = options->hep_password,
                                   .certificate = options->hep_certificate,
                                   .key = options->hep_key,
                                   .allow = options->hep_allow};

  input->name = g_strdup(address);
  input->link_type = LINK_TYPE_RAW;
  input->hep = hep_listen_open(&listen, error);
  if (!input->hep)
    return false;
  input->fd = hep_listen_fd(input->hep);
  return true;
}

static bool input_capture(Input *input, const char *name, const SourceOptions *options,
                          const Filter *filter, GError **error)
{
  const InterfaceOptions capture = {
    .name = name,
    .filter = filter,
    .snap_len = options->snap_len,
    .buffer_bytes = options->buffer_bytes,
    .is_reserved = options->no_promiscuous,
  };

  input->name = g_strdup(name);
  input->interface = interface_open(&capture, error);
  if (!input->interface)
    return false;
  input->fd = interface_fd(input->interface);
  input->link_type = interface_link_type(input->interface);
  return true;
}

static bool input_is_open(const Input *input)
{
  return input->interface || input->hep;
}

static void input_close(Input *input)
{
  g_clear_pointer(&input->interface, interface_free);
  g_clear_pointer(&input->hep, hep_listen_free);
}

static void live_free(void *input)
{
  Live *live = input;

  for (unsigned i = 0; i < live->count; i++) {
    input_close(&live->inputs[i]);
    g_free(live->inputs[i].name);
  }
  g_free(live->inputs);
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
  packet.link_type = live->inputs[number].link_type;
  packet.matched = !live->filter || filter_judge_live(live->filter, &packet);
  filling->used += packet.len;
  *frame_batch_add(filling->frames) = packet;
}

static void read_socket(const Live *live, unsigned number, Filling *filling)
{
  while (has_room(filling)) {
    uint8_t *at = filling->frames->bytes + filling->used;
    uint32_t len = (uint32_t) hep_listen_read(live->inputs[number].hep, at);
    if (len == 0)
      return;
    Frame packet = {
      .data = at, .len = len, .wire_len = len, .time_ns = g_get_real_time() * INT64_C(1000)};
    add_packet(live, number, packet, filling);
  }
}

/* What the interface has, as far as the batch has room. */
static InterfaceStatus read_interface(const Live *live, unsigned number, Filling *filling)
{
  Frame packet;

  while (has_room(filling)) {
    InterfaceStatus status = interface_read(live->inputs[number].interface, &packet);
    if (status != INTERFACE_PACKET)
      return status;
    /* The packet is libpcap's until its next call, so it is copied. */
    uint8_t *copy = filling->frames->bytes + filling->used;
    memcpy(copy, packet.data, packet.len);
    packet.data = copy;
    add_packet(live, number, packet, filling);
  }
  return INTERFACE_PACKET;
}

/* An interface that has ended is closed. */
static void read_input(const Live *live, unsigned number, Filling *filling)
{
  Input *input = &live->inputs[number];

  if (input->hep) {
    read_socket(live, number, filling);
    hep_listen_take_news(input->hep, filling->faults);
  }
  if (!input->interface)
    return;
  InterfaceStatus status = read_interface(live, number, filling);
  char *news = status == INTERFACE_PACKET ? NULL : interface_news(input->interface);
  if (news)
    g_ptr_array_add(filling->faults, news);
  if (status == INTERFACE_ENDED)
    input_close(input);
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
  for (unsigned i = 0; i < live->count; i++)
    read_input(live, (live->first + i) % live->count, filling);
  live->first = (live->first + 1) % live->count;
  if (live->count > 1 && filling->frames->count > 1)
    qsort(filling->frames->frames, filling->frames->count, sizeof(Frame), compare_times);
}

/* False when no interface is left. */
static bool wait_for_packets(const Live *live)
{
  bool any_left = false;

  for (unsigned i = 0; i < live->count; i++) {
    const Input *input = &live->inputs[i];
    bool is_open = input_is_open(input);
    /* the socket of an interface that is away would be ready all the time */
    bool is_away = input->interface && interface_is_away(input->interface);
    live->polled[i] = (struct pollfd){.fd = is_open && !is_away ? input->fd : -1, .events = POLLIN};
    any_left = any_left || is_open;
  }
  if (any_left)
    poll(live->polled, live->count, WAIT_MS);
  return any_left;
}

/* What was captured before the stop may still be on its way from the kernel; for longer where more
 * came than could be read, but with a limit. */
static bool is_drained(Live *live, const Source *source)
{
  enum { DRAIN_US = 150 * 1000, BEHIND_US = 30 * 1000 * 1000 };

  if (!source_is_stopped(source))
    return false;
  if (live->stopped_us == 0) {
    live->stopped_us = g_get_monotonic_time();
    live->stopped_ns = g_get_real_time() * INT64_C(1000);
  }
  int64_t passed_us = g_get_monotonic_time() - live->stopped_us;
  return passed_us >= (live->is_behind ? BEHIND_US : DRAIN_US);
}

/* By the oldest packet: those of another input may be newer. */
static void note_behind(Live *live, const FrameBatch *batch)
{
  live->is_behind =
    batch->count > 0 && live->stopped_us != 0 && batch->frames[0].time_ns < live->stopped_ns;
}

/* Only this thread writes them. */
static void set_count(_Atomic uint64_t *count, uint64_t value)
{
  atomic_store_explicit(count, value, memory_order_relaxed);
}

static void count_inputs(Live *live, const FrameBatch *batch)
{
  for (size_t i = 0; i < batch->count; i++)
    live->inputs[batch->frames[i].input].read++;
  for (unsigned i = 0; i < live->count; i++) {
    Input *input = &live->inputs[i];
    set_count(&input->packets, input->read);
    if (input->interface)
      set_count(&input->dropped, interface_dropped(input->interface));
    if (input->hep) {
      set_count(&input->dropped, hep_listen_dropped(input->hep));
      set_count(&input->refused, hep_listen_refused(input->hep));
    }
  }
}

static SourceStatus live_read(Source *source, FrameBatch *batch)
{
  Live *live = source->input;
  Filling filling = {.frames = batch, .faults = source->faults};

  if (is_drained(live, source)) {
    for (unsigned i = 0; i < live->count; i++)
      if (live->inputs[i].hep)
        hep_listen_append_faults(live->inputs[i].hep, source->faults);
    return SOURCE_END;
  }
  frame_batch_reserve(batch, BATCH_BYTES);
  read_all(live, &filling);
  if (batch->count == 0 && !wait_for_packets(live))
    return SOURCE_END;
  if (batch->count == 0)
    read_all(live, &filling);
  count_inputs(live, batch);
  note_behind(live, batch);
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

static SourceCounts live_counts(const void *input, unsigned number)
{
  const Input *of = &((const Live *) input)->inputs[number];

  return (SourceCounts){
    .packets = atomic_load_explicit(&of->packets, memory_order_relaxed),
    .dropped = atomic_load_explicit(&of->dropped, memory_order_relaxed),
    .refused = atomic_load_explicit(&of->refused, memory_order_relaxed),
  };
}

static const char *live_name(const void *input, unsigned number)
{
  return ((const Live *) input)->inputs[number].name;
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
  .counts = live_counts,
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
    if (!input_capture(&live->inputs[live->count++], *name, options, live->filter, error))
      return false;
  for (const char *const *address = options->hep_addresses; address && *address; address++)
    if (!input_listen(&live->inputs[live->count++], *address, options, error))
      return false;
  return true;
}

bool source_open_live(Source *source, const SourceOptions *options, GError **error)
{
  Live *live = g_new0(Live, 1);
  unsigned count = count_words(options->interfaces) + count_words(options->hep_addresses);

  source->ops = &INTERFACES;
  source->input = live;
  live->inputs = g_new0(Input, count);
  live->polled = g_new0(struct pollfd, count);
  live->filter = source->filter;
  live->stores = source->stores;
  if (!open_inputs(live, options, error))
    return false;
  return source->keeping != SOURCE_KEEPS_FRAMES || begin_spool(live, error);
}
