#include "ui/report/packet_save.h"

#include "capture/language.h"
#include "capture/ref_set.h"
#include "dissect/tls/tls_crypto.h"
#include "ui/report/call_files.h"
#include "ui/report/masked_packets.h"

typedef enum {
  PHASE_LIST,    /* messages, if packets are made of them */
  PHASE_COLLECT, /* calls */
  PHASE_OPEN,
  PHASE_READ,
  PHASE_DRAIN, /* everything was read */
  PHASE_DONE,
} Phase;

struct PacketSave {
  PacketSaveInput input;
  PacketSaveOptions options;
  Phase phase;
  size_t call_count;
  size_t next_call;
  const Message *next_message; /* of that call; NULL: at its beginning */
  HashSet *calls;              /* NULL: all */
  GHashTable *media_calls;     /* numbers of those; NULL: all, or no media are wanted */
  MediaEnds *media;            /* NULL: not wanted */
  Source *source;              /* the same input again */
  FrameBatch batch;
  uint64_t frame_count; /* of the source */
  uint64_t frame;       /* the last that was fed */
  FramePicker *picker;
  PacketSink *sink; /* its own, unless the options have one */
  MessageList *messages;
  MaskedPackets *masked; /* makes packets of these; or NULL */
  GError *error;
};

/* --- The sink --------------------------------------------------------------------------------- */

struct PacketSink {
  WriterOptions options;
  Writer *writer;
  const char **names; /* of the inputs */
  StoreSet *stores;
  RefSet *written;  /* NULL: they come in order, each once */
  CallFiles *files; /* in place of the writer; or NULL */
  bool is_patient;
  GError *fault; /* of a sink that is patient, while it cannot write */
  bool fault_is_told;
  uint64_t lost;      /* since then */
  GByteArray *octets; /* the bytes of one frame */
  GString *secrets;   /* what the picker has just given; wiped */
  uint64_t packets;
};

/* `source`: whose names are written; or NULL. */
static PacketSink *sink_new(const Source *source, StoreSet *stores, WriterOptions options)
{
  PacketSink *sink = g_new0(PacketSink, 1);

  if (source) {
    options.input_count = source_input_count(source);
    sink->names = g_new(const char *, options.input_count);
    for (unsigned i = 0; i < options.input_count; i++)
      sink->names[i] = source_input_name(source, i);
    options.inputs = sink->names;
  }
  sink->options = options;
  sink->writer = writer_new(options);
  sink->stores = stores;
  sink->octets = g_byte_array_new();
  sink->secrets = g_string_new(NULL);
  return sink;
}

PacketSink *packet_sink_new(const Source *source, StoreSet *stores, WriterOptions options)
{
  PacketSink *sink = sink_new(source, stores, options);

  sink->written = ref_set_new();
  return sink;
}

void packet_sink_free(PacketSink *sink)
{
  if (!sink)
    return;
  writer_free(sink->writer);
  ref_set_free(sink->written);
  call_files_free(sink->files);
  g_byte_array_unref(sink->octets);
  g_string_free(sink->secrets, TRUE);
  g_clear_error(&sink->fault);
  g_free(sink->names);
  g_free(sink);
}

void packet_sink_split(PacketSink *sink, const Trace *trace)
{
  sink->files = call_files_new(trace, sink->stores, &sink->options);
}

bool packet_sink_is_split(const PacketSink *sink)
{
  return sink && sink->files;
}

void packet_sink_leaving(PacketSink *sink, const Call *call)
{
  call_files_leaving(sink->files, call);
}

void packet_sink_be_patient(PacketSink *sink)
{
  sink->is_patient = true;
}

/* What a step gave, as the sink gives it. */
static bool pass_on(PacketSink *sink, bool ok, GError *fault, GError **error)
{
  if (ok)
    return true;
  if (!sink->is_patient) {
    g_propagate_error(error, fault);
    return false;
  }
  if (sink->fault)
    g_error_free(fault);
  else
    sink->fault = fault;
  return true;
}

bool packet_sink_is_stuck(const PacketSink *sink)
{
  return sink->fault != NULL;
}

char *packet_sink_news(PacketSink *sink)
{
  char *line = NULL;

  if (sink->fault && !sink->fault_is_told) {
    sink->fault_is_told = true;
    return g_strdup_printf(_("%s; trying again"), sink->fault->message);
  }
  if (!sink->fault && sink->fault_is_told) {
    line = g_strdup_printf(_("%s is written again; %" G_GUINT64_FORMAT " packets were lost"),
                           sink->options.name, sink->lost);
    sink->fault_is_told = false;
    sink->lost = 0;
  }
  return line;
}

char *packet_sink_left_out(const PacketSink *sink)
{
  if (!sink->files || sink->lost == 0)
    return NULL;
  return g_strdup_printf(translate_count("%s: %" G_GUINT64_FORMAT " packet was left out",
                                         "%s: %" G_GUINT64_FORMAT " packets were left out",
                                         sink->lost),
                         sink->options.name, sink->lost);
}

uint64_t packet_sink_bytes(const PacketSink *sink)
{
  return sink->files ? call_files_bytes(sink->files) : writer_bytes(sink->writer);
}

uint64_t packet_sink_packets(const PacketSink *sink)
{
  return sink->files ? call_files_packets(sink->files) : sink->packets;
}

/* To the files of calls, which are written at each flush. */
static void add_to_files(PacketSink *sink, const PickedFrame *picked, GError **error)
{
  if (picked->call == 0 || call_files_add(sink->files, picked))
    return;
  if (packet_sink_flush(sink, error))
    (void) call_files_add(sink->files, picked);
}

void packet_sink_add(PacketSink *sink, const PickedFrame *picked, GError **error)
{
  const Frame *frame = &picked->frame;
  Frame whole = *frame;

  if (sink->files) {
    add_to_files(sink, picked, error);
    return;
  }
  if (byte_ref_store(frame->ref) == STORE_NONE ||
      (sink->written && ref_set_has(sink->written, frame->ref)))
    return;
  g_byte_array_set_size(sink->octets, frame->len);
  whole.data = sink->octets->data;
  GError *fault = NULL;
  bool ok = store_read(sink->stores, frame->ref, sink->octets->data, frame->len, &fault) &&
            writer_add(sink->writer, &whole, &fault);
  sink->packets += ok;
  sink->lost += !ok;
  if (pass_on(sink, ok, fault, error) && sink->written)
    ref_set_add(sink->written, frame->ref);
}

void packet_sink_write(PacketSink *sink, const Frame *frame, GError **error)
{
  GError *fault = NULL;
  bool ok = writer_add(sink->writer, frame, &fault);

  sink->packets += ok;
  pass_on(sink, ok, fault, error);
}

void packet_sink_add_secrets(PacketSink *sink, FramePicker *picker, GError **error)
{
  GString *lines = sink->secrets;

  frame_picker_take_keys(picker, lines);
  if (lines->len == 0)
    return;
  (void) !writer_add_secrets(sink->writer, slice_of(lines->str, lines->len), error);
  tls_wipe(lines->str, lines->len);
  g_string_truncate(lines, 0);
}

bool packet_sink_begin(PacketSink *sink, GError **error)
{
  return writer_begin(sink->writer, error);
}

bool packet_sink_flush(PacketSink *sink, GError **error)
{
  GError *fault = NULL;
  bool ok =
    sink->files ? call_files_flush(sink->files, &fault) : writer_flush(sink->writer, &fault);

  if (ok)
    g_clear_error(&sink->fault);
  if (sink->files)
    sink->lost += call_files_take_lost(sink->files);
  if (sink->written)
    ref_set_trim(sink->written, sink->stores);
  return pass_on(sink, ok, fault, error);
}

bool packet_sink_change_file(PacketSink *sink, int fd, const char *name, GError **error)
{
  GError *fault = NULL;

  writer_free(sink->writer);
  sink->options.fd = fd;
  sink->options.name = name;
  sink->writer = writer_new(sink->options);
  bool ok = writer_begin(sink->writer, &fault);
  return pass_on(sink, ok, fault, error);
}

/* --- The work --------------------------------------------------------------------------------- */

PacketSave *packet_save_new(const PacketSaveInput *input, const PacketSaveOptions *options)
{
  PacketSave *save = g_new0(PacketSave, 1);

  save->input = *input;
  save->options = *options;
  selection_bind(options->selection, input->trace, input->stores);
  save->call_count = selection_call_count(options->selection);
  save->sink = options->sink
                 ? options->sink
                 : sink_new(options->masking ? NULL : input->source, input->stores,
                            (WriterOptions){
                              .fd = options->fd, .name = options->name, .format = options->format});
  if (!selection_is_all(options->selection))
    save->calls = hash_set_new();
  if (save->calls && options->with_media)
    save->media_calls = g_hash_table_new(NULL, NULL);
  if (options->with_media)
    save->media = media_ends_new(input->trace, input->stores, save->media_calls);
  if (options->masking) {
    save->messages = message_list_new(options->selection);
    save->masked = masked_packets_new(options->masking, input, save->messages);
  }
  return save;
}

void packet_save_free(PacketSave *save)
{
  if (!save)
    return;
  if (save->sink != save->options.sink)
    packet_sink_free(save->sink);
  masked_packets_free(save->masked);
  if (save->messages)
    job_free(&save->messages->job);
  frame_picker_free(save->picker);
  frame_batch_clear(&save->batch);
  source_free(save->source);
  media_ends_free(save->media);
  g_clear_pointer(&save->media_calls, g_hash_table_unref);
  hash_set_free(save->calls);
  g_clear_error(&save->error);
  g_free(save);
}

static void list_messages(PacketSave *save)
{
  if (!save->messages || !job_step(&save->messages->job, 0))
    save->phase = PHASE_COLLECT;
}

/* The next call, or one message of it where other calls have its Call-ID or it has several. */
static void collect(PacketSave *save)
{
  const Message *message = NULL;

  if (!save->calls || save->next_call >= save->call_count) {
    save->phase = PHASE_OPEN;
    return;
  }
  const Call *call = selection_call_at(save->options.selection, save->next_call);
  bool is_alone = call && !call_rare(call)->older && !call_rare(call)->newer;
  if (call && is_alone)
    hash_set_put(save->calls, call->id.low, call->number);
  if (call && (!is_alone || call_rare(call)->keys))
    message = save->next_message ? save->next_message : call->first;
  if (message)
    hash_set_put(save->calls, message_mark(call, message), call->number);
  if (call && save->media_calls)
    g_hash_table_add(save->media_calls, GUINT_TO_POINTER(call->number));
  save->next_message = message ? message->next : NULL;
  if (!save->next_message)
    save->next_call++;
}

static void open_source(PacketSave *save)
{
  const PacketSaveInput *input = &save->input;
  const PacketSaveOptions *options = &save->options;

  save->phase = PHASE_READ;
  save->frame_count = source_flushed_frames(input->source);
  save->source = source_open_again(input->source, input->stores, &save->error);
  save->picker = frame_picker_new(&(FrameChoice){.calls = save->calls,
                                                 .by_call = packet_sink_is_split(save->sink),
                                                 .frame = options->selection->frame,
                                                 .seed = input->seed,
                                                 .with_keys = options->with_secrets,
                                                 .media = save->media},
                                  &(Setup){save->source, input->stores, input->limits});
}

static void add_masked(PacketSave *save, const Frame *frame)
{
  GByteArray *octets = save->sink->octets;
  Frame whole = *frame;

  g_byte_array_set_size(octets, frame->len);
  whole.data = octets->data;
  if (store_read(save->input.stores, frame->ref, octets->data, frame->len, &save->error))
    masked_packets_add(save->masked, &whole, save->sink, &save->error);
}

/* Was it written before, as it came? */
static bool is_known(const PacketSave *save, const PickedFrame *picked)
{
  GHashTable *until = save->options.until;

  return until && picked->frame.number >
                    GPOINTER_TO_SIZE(g_hash_table_lookup(until, GUINT_TO_POINTER(picked->call)));
}

/* Writes the next picked frame; false when none is ready. */
static bool write_next(PacketSave *save)
{
  PickedFrame picked;

  if (!frame_picker_next(save->picker, &picked))
    return false;
  if (save->masked) {
    add_masked(save, &picked.frame);
    return true;
  }
  if (is_known(save, &picked))
    return true;
  packet_sink_add_secrets(save->sink, save->picker, &save->error);
  if (!save->error)
    packet_sink_add(save->sink, &picked, &save->error);
  return true;
}

/* Writes a frame that is ready, or else reads more. */
static void read_next(PacketSave *save)
{
  if (write_next(save))
    return;
  if (source_read(save->source, &save->batch) == SOURCE_END) {
    frame_picker_end(save->picker);
    save->phase = PHASE_DRAIN;
    return;
  }
  frame_picker_add_keys(save->picker, &save->batch.secrets);
  for (size_t i = 0; i < save->batch.count; i++)
    frame_picker_feed(save->picker, &save->batch.frames[i]);
  frame_picker_expire(save->picker);
  if (save->batch.count > 0)
    save->frame = save->batch.frames[save->batch.count - 1].number;
}

static void drain(PacketSave *save)
{
  if (write_next(save))
    return;
  save->phase = PHASE_DONE;
  if (save->masked)
    masked_packets_end(save->masked, save->sink, &save->error);
  if (!save->error && !save->sink->files)
    (void) !writer_finish(save->sink->writer, &save->error);
}

bool packet_save_step(PacketSave *save, int64_t until_us)
{
  static void (*const PHASES[])(PacketSave *) = {
    [PHASE_LIST] = list_messages, [PHASE_COLLECT] = collect, [PHASE_OPEN] = open_source,
    [PHASE_READ] = read_next,     [PHASE_DRAIN] = drain,
  };

  while (save->phase != PHASE_DONE && !save->error) {
    PHASES[save->phase](save);
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  return save->phase != PHASE_DONE && !save->error;
}

static double share(uint64_t part, uint64_t whole)
{
  return whole > 0 ? MIN((double) part / (double) whole, 1.0) : 1.0;
}

uint64_t packet_save_unreadable(const PacketSave *save)
{
  return save->picker ? frame_picker_unreadable(save->picker) : 0;
}

/* Packets of streams in TCP, which are not made again. */
static uint64_t packets_in_tcp(const PacketSave *save)
{
  const Trace *trace = save->input.trace;
  uint64_t packets = 0;
  const uint32_t *numbers;

  for (size_t i = 0; save->options.with_media && i < save->call_count; i++) {
    const Call *call = selection_call_at(save->options.selection, i);
    size_t count = call ? trace_call_streams(trace, call, &numbers) : 0;
    for (size_t n = 0; n < count; n++) {
      const RtpStream *stream = trace_stream_at(trace, numbers[n] - 1);
      if (stream && rtp_stream_transport(stream) != TRANSPORT_UDP)
        packets += stream->packets;
    }
  }
  return packets;
}

MaskedLosses packet_save_losses(const PacketSave *save)
{
  MaskedLosses losses = {0};

  if (save->masked)
    losses = masked_packets_losses(save->masked);
  if (save->masked)
    losses.media += packets_in_tcp(save);
  return losses;
}

double packet_save_progress(const PacketSave *save)
{
  switch (save->phase) {
  case PHASE_LIST:
  case PHASE_COLLECT:
  case PHASE_OPEN:
    return 0;
  case PHASE_READ:
    return share(save->frame, save->frame_count);
  case PHASE_DRAIN:
  case PHASE_DONE:
    break;
  }
  return 1;
}

bool packet_save_finish(PacketSave *save, uint64_t *ret_packets, GError **error)
{
  if (save->error) {
    g_propagate_error(error, g_steal_pointer(&save->error));
    return false;
  }
  g_assert(save->phase == PHASE_DONE);
  *ret_packets = save->sink->packets;
  return true;
}
